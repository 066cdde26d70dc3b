// A button that takes its time.
document.getElementById('buy').addEventListener('click', () => {
  const end = performance.now() + 120;
  while (performance.now() < end);
});
