import {Link, Outlet, useParams} from 'react-router';

const PATHS = ['/', '/product/1', '/product/2', '/product/product', '/shop/boots/7', '/nowhere/1'];

export const Layout = () => (
  <>
    <nav>
      {PATHS.map((path) => (
        <Link key={path} to={path}>
          {path}
        </Link>
      ))}
    </nav>
    <Outlet />
  </>
);

export const Home = () => <h1>/</h1>;

export const Product = () => <h1>/product/{useParams().id}</h1>;

export const ShopProduct = () => {
  const {category, id} = useParams();
  return (
    <h1>
      /shop/{category}/{id}
    </h1>
  );
};

export const Nowhere = () => <h1>nowhere</h1>;
