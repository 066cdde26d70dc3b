// Lists every function that a script could replace, by its path: what globals, constructors, their prototypes and the page's
// objects hold as a value, getter, setter or handler; and the names of all globals. `inventory.changes()` says what is new or
// another one since this script ran.
window.inventory = (() => {
  const list = () => {
    const functions = new Map();
    const seen = new Set();
    const walk = (object, path, depth) => {
      if (seen.has(object)) return;
      seen.add(object);
      for (const key of Reflect.ownKeys(object)) {
        const {value, get, set} = Object.getOwnPropertyDescriptor(object, key);
        const name = `${path}.${String(key)}`;
        for (const [kind, part] of Object.entries({value, get, set})) {
          if (typeof part === 'function') functions.set(`${name} ${kind}`, part);
        }
        if (depth && value && /object|function/.test(typeof value)) walk(value, name, depth - 1);
      }
    };
    for (const root of ['document', 'navigator', 'history', 'performance', 'console', 'location', 'screen', 'crypto']) {
      walk(window[root], root, 0);
    }
    for (const [name, target] of Object.entries({window, document})) {
      for (const key in target) if (/^on/.test(key) && target[key]) functions.set(`${name}.${key} handler`, target[key]);
    }
    for (const name of Object.getOwnPropertyNames(window)) functions.set(`window.${name} name`, true);
    walk(window, 'window', 2);
    return functions;
  };

  const before = list();
  return {
    changes: () => [...list()].filter(([path, value]) => before.get(path) !== value).map(([path]) => path),
  };
})();
