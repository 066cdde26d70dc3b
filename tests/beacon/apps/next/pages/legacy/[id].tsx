import {Nav} from '../../nav';

export const getStaticPaths = () => ({paths: ['1', '2'].map((id) => ({params: {id}})), fallback: false});

export const getStaticProps = ({params}: {params: {id: string}}) => ({props: params});

export default function Legacy({id}: {id: string}) {
  return (
    <>
      <Nav />
      <h1>/legacy/{id}</h1>
    </>
  );
}
