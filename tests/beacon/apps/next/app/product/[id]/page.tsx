export const generateStaticParams = () => ['1', '2', 'product'].map((id) => ({id}));

export default async function Product({params}: {params: Promise<{id: string}>}) {
  return <h1>/product/{(await params).id}</h1>;
}
