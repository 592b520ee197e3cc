"""The studio's look as a Gradio theme: bare blocks, ink buttons, cards drawn by our own CSS."""

import gradio as gr
from gradio.themes.utils import sizes

from studio.tokens import DARK, LIGHT

INK = gr.themes.Color(
    name="ink",
    c50="#f6f5f1",
    c100="#efeee9",
    c200="#e1ded6",
    c300="#c6c2b8",
    c400="#a09c93",
    c500="#777a82",
    c600="#52545a",
    c700="#3a3d44",
    c800="#2e3035",
    c900="#1b1c1f",
    c950="#131416",
)
TEXT = sizes.Size(
    name="sg_text", xxs="11px", xs="12px", sm="13px", md="14px", lg="16px", xl="20px", xxl="28px"
)
SPACE = sizes.Size(
    name="sg_space", xxs="2px", xs="4px", sm="6px", md="8px", lg="12px", xl="16px", xxl="24px"
)
RADIUS = sizes.Size(
    name="sg_radius", xxs="3px", xs="4px", sm="6px", md="8px", lg="10px", xl="12px", xxl="16px"
)

CHECK = (
    "url(\"data:image/svg+xml,%3csvg viewBox='0 0 16 16' fill='none' stroke='white' "
    "stroke-width='2.2' xmlns='http://www.w3.org/2000/svg'%3e%3cpath d='M3.5 8.5l3 3 6-7'/%3e"
    '%3c/svg%3e")'
)


def studio_theme() -> gr.themes.Base:
    """The theme of the page, light and dark."""
    theme = gr.themes.Base(
        primary_hue=INK,
        secondary_hue=INK,
        neutral_hue=INK,
        text_size=TEXT,
        spacing_size=SPACE,
        radius_size=RADIUS,
        # 'Studio Sans' comes from our CSS; the 600 of Gradio's own Plex lacks Latin letters.
        font=[
            "Studio Sans",
            gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)),
            "PingFang SC",
            "Microsoft YaHei",
            "Noto Sans CJK SC",
            "system-ui",
            "sans-serif",
        ],
        font_mono=[
            "Studio Mono",
            gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)),
            "ui-monospace",
            "monospace",
        ],
    )
    L, D = LIGHT, DARK

    def both(**names: str) -> dict[str, str]:
        out = {}
        for key, token in names.items():
            out[key], out[key + "_dark"] = L.get(token, token), D.get(token, token)
        return out

    theme.set(
        **both(
            body_background_fill="page",
            body_text_color="text",
            body_text_color_subdued="text2",
            background_fill_primary="card",
            background_fill_secondary="sunken",
            border_color_primary="line",
            border_color_accent="edge",
            border_color_accent_subdued="line",
            color_accent_soft="hover",
            link_text_color="live",
            link_text_color_hover="live",
            link_text_color_active="live",
            link_text_color_visited="live",
            block_background_fill="transparent",
            block_border_color="line",
            block_border_width="0px",
            block_shadow="none",
            block_label_background_fill="transparent",
            block_label_border_width="0px",
            block_label_text_color="text2",
            block_title_text_color="text",
            block_title_background_fill="none",
            block_title_border_width="0px",
            block_info_text_color="text3",
            panel_background_fill="transparent",
            panel_border_width="0px",
            accordion_text_color="text",
            table_text_color="text",
            checkbox_background_color="card",
            checkbox_background_color_focus="card",
            checkbox_background_color_hover="hover",
            checkbox_background_color_selected="ink",
            checkbox_border_color="edge",
            checkbox_border_color_focus="live",
            checkbox_border_color_hover="text2",
            checkbox_border_color_selected="ink",
            checkbox_label_background_fill="card",
            checkbox_label_background_fill_hover="hover",
            checkbox_label_background_fill_selected="card",
            checkbox_label_border_color="line",
            checkbox_label_border_color_hover="edge",
            checkbox_label_border_width="1px",
            checkbox_label_text_color="text",
            checkbox_label_text_color_selected="text",
            checkbox_label_shadow="none",
            error_background_fill="failed_soft",
            error_border_color="failed_line",
            error_text_color="failed",
            error_icon_color="failed",
            error_border_width="1px",
            input_background_fill="card",
            input_background_fill_focus="card",
            input_background_fill_hover="card",
            input_border_color="edge",
            input_border_color_focus="live",
            input_border_color_hover="text2",
            input_border_width="1px",
            input_placeholder_color="text3",
            input_shadow="none",
            loader_color="live",
            slider_color="ink",
            stat_background_fill="ink",
            code_background_fill="sunken",
            table_border_color="line",
            table_even_background_fill="card",
            table_odd_background_fill="card",
            table_row_focus="hover",
            button_border_width="1px",
            button_primary_background_fill="ink",
            button_primary_background_fill_hover="ink_hover",
            button_primary_border_color="ink",
            button_primary_border_color_hover="ink_hover",
            button_primary_text_color="on_ink",
            button_primary_text_color_hover="on_ink",
            button_secondary_background_fill="card",
            button_secondary_background_fill_hover="hover",
            button_secondary_border_color="edge",
            button_secondary_border_color_hover="text2",
            button_secondary_text_color="text",
            button_secondary_text_color_hover="text",
            button_cancel_background_fill="card",
            button_cancel_background_fill_hover="failed_soft",
            button_cancel_border_color="failed",
            button_cancel_border_color_hover="failed",
            button_cancel_text_color="failed",
            button_cancel_text_color_hover="failed",
        ),
        checkbox_check=CHECK,
        body_text_size="*text_md",
        block_label_text_size="*text_sm",
        block_label_text_weight="500",
        block_label_padding="0 0 4px 0",
        block_label_radius="0",
        block_label_right_radius="0",
        block_label_margin="0",
        block_label_shadow="none",
        block_title_text_size="*text_sm",
        block_title_text_weight="500",
        block_title_padding="0",
        block_title_radius="0",
        block_info_text_size="*text_xs",
        block_padding="0",
        block_radius="*radius_md",
        container_radius="*radius_md",
        layout_gap="16px",
        form_gap_width="16px",
        embed_radius="*radius_md",
        input_text_size="*text_md",
        input_padding="8px 12px",
        input_radius="*radius_md",
        input_shadow_focus="0 0 0 3px color-mix(in srgb, var(--sg-live) 22%, transparent)",
        input_shadow_focus_dark="0 0 0 3px color-mix(in srgb, var(--sg-live) 30%, transparent)",
        checkbox_label_text_size="*text_md",
        checkbox_label_padding="8px 12px",
        checkbox_label_gap="8px",
        checkbox_border_radius="*radius_xs",
        checkbox_shadow="none",
        table_radius="*radius_lg",
        prose_text_size="*text_md",
        prose_header_text_weight="600",
        section_header_text_size="*text_md",
        section_header_text_weight="600",
        shadow_drop="none",
        shadow_drop_lg="0 8px 28px rgba(0,0,0,.14)",
        shadow_inset="none",
        shadow_spread="0px",
        shadow_spread_dark="0px",
        button_transition="background .12s, border-color .12s, color .12s",
        button_transform_hover="none",
        button_transform_active="none",
        button_primary_shadow="none",
        button_primary_shadow_hover="none",
        button_primary_shadow_active="none",
        button_secondary_shadow="none",
        button_secondary_shadow_hover="none",
        button_secondary_shadow_active="none",
        button_cancel_shadow="none",
        button_cancel_shadow_hover="none",
        button_cancel_shadow_active="none",
        button_large_padding="9px 18px",
        button_large_radius="*radius_md",
        button_large_text_size="*text_md",
        button_large_text_weight="600",
        button_medium_padding="7px 14px",
        button_medium_radius="*radius_md",
        button_medium_text_size="*text_md",
        button_medium_text_weight="500",
        button_small_padding="4px 10px",
        button_small_radius="*radius_sm",
        button_small_text_size="*text_sm",
        button_small_text_weight="500",
    )
    return theme


def token_css() -> str:
    """The tokens as CSS variables `--sg-NAME`."""

    def block(t: dict[str, str]) -> str:
        return "".join(f"--sg-{k.replace('_', '-')}:{v};" for k, v in t.items())

    return f":root{{{block(LIGHT)}}}\n.dark{{{block(DARK)}}}\n"
