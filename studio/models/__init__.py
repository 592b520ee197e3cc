"""The only place that knows diffusers, transformers and peft."""
