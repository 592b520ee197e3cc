// Ctrl+Enter or Cmd+Enter in the prompts of Compare draws them.
document.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  if (!event.target.closest('#prompts')) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event('change', { bubbles: true }));
  setTimeout(() => document.querySelector('#draw').click(), 50);
});
