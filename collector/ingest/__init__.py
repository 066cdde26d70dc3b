"""The public surface: bytes from anywhere become events or rejections."""
