/** A text that somebody else has written, beside words of ours: whatever it is, they stay in their place. */

import { harmless } from '../format';

export function Stored({ text }: { text: string }) {
  return <bdi>{harmless(text)}</bdi>;
}

/** Several of them with something between. */
export function StoredList({ texts, between }: { texts: readonly string[]; between: string }) {
  return <>{texts.map((text, index) => <>{index > 0 && between}<Stored text={text} /></>)}</>;
}
