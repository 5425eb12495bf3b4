import { useState } from "preact/hooks";

/** Copies a text, and says that it did. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [told, setTold] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setTold("Copied"),
      () => setTold("The browser refused; select and copy the text by hand"),
    );
  };
  return (
    <span class="copy">
      <button type="button" onClick={copy} onBlur={() => setTold("")}>
        Copy {what}
      </button>
      <span role="status">{told}</span>
    </span>
  );
}
