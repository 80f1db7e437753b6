// A little work before a form is sent: a number that makes the digest of the page's ticket begin with zeros.
// Where it cannot be done (no HTTPS, an old browser) the form is sent without, and a person looks at it first.
const form = document.querySelector("form[data-proof]");
const bits = Number(form.dataset.proof);
const status = form.querySelector("[role=status]");
const BATCH = 512;
let working = null;

const zeros = (digest) => {
  const front = new DataView(digest).getUint32(0);
  return Math.clz32(front);
};

const tried = async (ticket, nonce) =>
  zeros(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${ticket}:${nonce}`))) >= bits;

const solve = async () => {
  const ticket = form.elements.opened.value;
  for (let from = 0; ; from += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, at) => from + at);
    const good = (await Promise.all(batch.map((nonce) => tried(ticket, nonce)))).indexOf(true);
    if (good >= 0) {
      form.elements.proof.value = String(from + good);
      return;
    }
  }
};

if (window.crypto?.subtle) {
  working = solve().catch(() => {});
  form.addEventListener("submit", (event) => {
    if (form.elements.proof.value) return;
    event.preventDefault();
    status.textContent = form.dataset.working;
    working.then(() => form.submit());
  });
}
