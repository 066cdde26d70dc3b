/** A few choices side by side, of which one is taken. */

interface Props<Value extends string> {
  name: string;
  options: readonly { value: Value; title: string }[];
  value: string;
  onChoose: (value: Value) => void;
}

export function Segments<Value extends string>({ name, options, value, onChoose }: Props<Value>) {
  return (
    <div class="segments" role="group" aria-label={name}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChoose(option.value)}>{option.title}</button>
      ))}
    </div>
  );
}
