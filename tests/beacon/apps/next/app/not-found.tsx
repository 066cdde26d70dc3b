export default function NotFound() {
  return <h1>nowhere</h1>;
}
