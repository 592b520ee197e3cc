"""What a report is made of: words, pieces of HTML, figures, a page, a model card."""
