// Ctrl+Enter or Cmd+Enter in the prompts of Compare draws them.
document.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.closest('#prompts')) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event('change', { bubbles: true }));
  setTimeout(() => document.querySelector('#draw').click(), 50);
});

// In Check and Feedback: 1, 2 and 3 answer, or choose a picture; U takes back, R reveals, X and Enter
// end a ranking. Nothing happens while somebody types.
const keyButtons = {
  1: ['check-yes', 'rate-yes'], 2: ['check-no', 'rate-no'], 3: ['check-unsure'],
  u: ['check-undo', 'rate-undo'], r: ['check-reveal', 'rate-reveal'], x: ['rate-rest'], enter: ['rate-done'],
};
const inSight = node => node && node.offsetParent !== null;
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest('textarea, input:not([type=checkbox]):not([type=radio])')) return;
  const key = event.key.toLowerCase();
  if (key === 'enter' && event.target.closest('#top, #rate-box button')) return; // it acts on what has the focus
  const button = (keyButtons[key] || []).map(id => document.getElementById(id)).find(found => inSight(found) && !found.disabled);
  if (button) button.click();
  else if (!(/^[1-9]$/.test(key) && inSight(SG.stage()) && SG.press(key - 1))) return;
  event.preventDefault();
});
