import Link from 'next/link';

const PATHS = ['/', '/product/1', '/product/2', '/product/product', '/docs/a/b', '/legacy/1', '/legacy/2', '/nowhere/1'];

export const Nav = () => (
  <nav>
    {PATHS.map((path) => (
      <Link key={path} href={path} prefetch={false}>
        {path}
      </Link>
    ))}
  </nav>
);
