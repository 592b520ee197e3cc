// Ctrl+Enter or Cmd+Enter in the prompts of Compare draws them.
document.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.closest('#prompts')) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event('change', { bubbles: true }));
  setTimeout(() => document.querySelector('#draw').click(), 50);
});

// In Check, 1, 2 and 3 answer and U takes back, while nobody is typing.
const checkKeys = { 1: 'check-yes', 2: 'check-no', 3: 'check-unsure', u: 'check-undo' };
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest('textarea, input:not([type=checkbox]):not([type=radio])')) return;
  const button = document.getElementById(checkKeys[event.key.toLowerCase()]);
  if (!button || button.disabled || button.offsetParent === null) return;
  event.preventDefault();
  button.click();
});
