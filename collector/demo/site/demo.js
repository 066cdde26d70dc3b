// Makes the demo pages as slow as their texts promise.

/** Keeps the main thread busy for as long as the button says, as a careless script does. */
function work(button) {
  const end = performance.now() + Number(button.dataset.work);
  while (performance.now() < end) Math.sqrt(Math.random());
  button.dataset.done = '✓';
}

// Listeners with names of their own, so that the dashboard can tell which one was slow.
const actions = {
  addToBasket({currentTarget}) {
    work(currentTarget);
    const basket = document.querySelector('[data-basket]');
    basket.textContent = Number(basket.textContent) + 1;
  },
  remember({currentTarget}) {
    work(currentTarget);
  },
  order({currentTarget}) {
    work(currentTarget);
  },
};

for (const button of document.querySelectorAll('[data-action]')) {
  button.addEventListener('click', actions[button.dataset.action]);
}

// A notice without a reserved place: everything below it moves.
addEventListener('load', () => {
  for (const late of document.querySelectorAll('[data-late]')) {
    setTimeout(() => late.replaceWith(late.content), Number(late.dataset.late));
  }
});
