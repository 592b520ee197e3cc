"""The names that the original code of Stable Diffusion gives to the denoiser's layers; no torch.

Source: the layout of `UNetModel` in github.com/Stability-AI/generative-models: input blocks are
counted through, a resnet with its attention or a downsampler each; block 0 is `conv_in`.
"""

import re
from collections.abc import Container

_OUTSIDE = {
    "conv_in": "input_blocks.0.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
_IN_RESNET = {
    "conv1": "in_layers.2",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_BLOCK = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)")
_MID = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)")


def sgm_name(path: str, layers: int, paths: Container[str]) -> str:
    """The original name of a layer.

    Args:
        path: in diffusers' words. layers: resnets in a down block; up blocks have one more.
        paths: all layers there are; whether a block has attention moves its upsampler.
    """
    if path in _OUTSIDE:
        return _OUTSIDE[path]
    for pattern, place in ((_BLOCK, _in_block), (_MID, _in_middle)):
        if found := pattern.match(path):
            rest = path[found.end() + 1 :]
            return ".".join(filter(None, [place(found, layers, paths), _inside(found, rest)]))
    return path


def _in_block(found: re.Match[str], layers: int, paths: Container[str]) -> str:
    way, block, kind, place = found[1], int(found[2]), found[3], int(found[4])
    if way == "down":
        if kind == "downsamplers":
            return f"input_blocks.{(layers + 1) * (block + 1)}.0"
        number = (layers + 1) * block + place + 1
        return f"input_blocks.{number}.{0 if kind == 'resnets' else 1}"
    if kind == "upsamplers":
        attention = f"up_blocks.{block}.attentions.0.proj_in" in paths
        return f"output_blocks.{(layers + 1) * block + layers}.{2 if attention else 1}"
    return f"output_blocks.{(layers + 1) * block + place}.{0 if kind == 'resnets' else 1}"


def _in_middle(found: re.Match[str], layers: int, paths: Container[str]) -> str:
    return f"middle_block.{2 * int(found[2]) if found[1] == 'resnets' else 1}"


def _inside(found: re.Match[str], rest: str) -> str:
    if "downsamplers" in found[0]:
        return rest.replace("conv", "op")
    return _IN_RESNET.get(rest, rest) if "resnets" in found[0] else rest
