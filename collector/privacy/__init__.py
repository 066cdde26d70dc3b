"""What a visitor may ask of a site: everything about one session, and that it be erased."""
