"""Every text of the page, English and Chinese."""

from typing import Any

import gradio as gr

from studio.methods import METHODS
from studio.methods.base import Method
from studio.ui.drawn_words import DRAWN_WORDS
from studio.ui.ending_words import ENDING_WORDS
from studio.ui.label_words import LABEL_WORDS
from studio.ui.queue_words import QUEUE_WORDS
from studio.ui.rating_words import RATING_WORDS
from studio.ui.report_tab_words import REPORT_WORDS
from studio.ui.setting_words import SETTING_WORDS
from studio.ui.share_words import SHARE_WORDS

PREFIX = "sg_"

# key: (English, 中文)
WORDS: dict[str, tuple[str, str]] = {
    # frame
    "blur": ("Blur sensitive pictures", "模糊敏感图片"),
    "idle": ("Nothing is running", "空闲"),
    "tab_concepts": ("Concepts", "概念"),
    "tab_train": ("Train", "训练"),
    "tab_compare": ("Compare", "对比"),
    "tab_runs": ("Runs", "运行"),
    # concepts
    "pack": ("Concept pack", "概念包"),
    "pack_info": ("A list of what to remove and what must stay. Change it as you like.",
                  "列出要去除和要保留的内容，可以随意修改。"),
    "today": ("What the model draws today", "模型现在画什么"),
    "today_sub": ("Checked first: a prompt that the model cannot draw proves nothing later.",
                  "先检查：模型本来就画不出的提示词，之后说明不了问题。"),
    "today_draw": ("Draw them", "绘制"),
    "today_none": ("This pack has no probe prompts.", "这个概念包没有探针提示词。"),
    "today_yes": ("the judge sees it", "判定器看到了"),
    "today_no": ("the judge does not see it", "判定器没看到"),
    "add_concept": ("Add a concept", "添加概念"),
    "counts": ("{removed} to be removed · {kept} to be kept · {probes} probes",
               "去除 {removed} 项 · 保留 {kept} 项 · 探针 {probes} 条"),
    "reset": ("Reset", "还原"),
    "remove": ("To be removed", "要去除"),
    "remove_info": ("One row a concept. Other names make it harder to slip past.",
                    "每行一个概念。别名写得越全，越难绕过。"),
    "col_name": ("concept", "概念"),
    "col_synonyms": ("other names, with commas", "别名，用逗号分隔"),
    "keep": ("To be kept", "要保留"),
    "keep_info": ("One a line. Look-alikes first: they break most easily.",
                  "每行一个。先写相似的东西：它们最容易被误伤。"),
    "probes": ("Probe prompts", "探针提示词"),
    "probes_info": ("Drawn with the same seeds again and again while the model trains.",
                    "训练中反复用同样的种子绘制。"),
    "col_prompt": ("prompt", "提示词"),
    "col_seed": ("seed", "种子"),
    "col_kind": ("kind", "类别"),
    "col_shows": ("judge looks for", "判定目标"),
    "import": ("Import a pack", "导入概念包"),
    "own_pack": ("Keep this list as a pack of your own", "把这个列表存为自己的概念包"),
    "own_name": ("Name of your pack", "概念包名称"),
    "save_pack": ("Save to my packs", "保存到我的概念包"),
    "download_pack": ("Download as a file", "下载为文件"),
    "saved_pack": ("Saved. It stands in the list of packs.", "已保存，可在概念包列表中选择。"),
    "next_train": ("Next: train", "下一步：训练"),
    "changed": ("Changed from pack", "已修改"),
    "licence": ("licence", "许可"),
    "overlap": ("“{keep}” contains the removed name “{name}”. The model may lose it too.",
                "“{keep}”里含有要去除的“{name}”，可能一起丢失。"),
    "sensitive": ("Pictures of this pack are blurred until you reveal them.",
                  "这个概念包的图片默认模糊，点击后才显示。"),
    # train
    "method": ("Method", "方法"),
    "model": ("Base model", "基础模型"),
    "model_info": ("A built-in card, a diffusers folder, a .safetensors file, or OWNER/NAME@REVISION.",
                   "内置模型、diffusers 文件夹、.safetensors 文件或 OWNER/NAME@REVISION。"),
    "effort": ("How thorough", "训练强度"),
    "quick": ("Quick look", "快速试看"),
    "standard": ("Standard", "标准"),
    "thorough": ("Thorough", "充分"),
    "advanced": ("Advanced", "高级设置"),
    "start": ("Start training", "开始训练"),
    "queue_add": ("A run is at work; this one will wait for it.", "已有训练在进行，这次会排队。"),
    "plan_title": ("What will happen", "将要进行"),
    "plan_line": ("{method} on {model}: {steps} steps, batch {batch}, {rank}, seed {seed}.",
                  "{method}，{model}：{steps} 步，批大小 {batch}，{rank}，种子 {seed}。"),
    "plan_rank": ("rank {rank}", "秩 {rank}"),
    "all_weights": ("all weights", "全部权重"),
    "plan_differs": ("Differs from the released code", "与发布代码的不同之处"),
    "plan_removes": ("Removes", "去除"),
    "plan_keeps": ("Keeps", "保留"),
    "command": ("The same on the command line", "等价命令行"),
    "stop": ("Stop", "停止"),
    "save_now": ("Save now", "立即存档"),
    "sample_now": ("Sample now", "立即采样"),
    "safety_title": ("Is the concept going, and does the rest stay?", "概念在消失吗？其余保住了吗？"),
    "safety_sub": ("Judged on the probe pictures at each check. Bands: 95 % intervals.",
                   "每次检查由判定器评判探针图片。色带：95 % 区间。"),
    "safety_rated": ("What is removed has no name, so the reward model of people's ratings judges it.",
                     "要去除的内容没有名称，由人们评分训练出的奖励模型评判。"),
    "loss_title": ("Loss", "损失"),
    "loss_sub": ("Says that it trains, not that it works. Trust the other curve.",
                 "只说明在训练，不说明有效。请看另一条曲线。"),
    "smooth": ("Smooth", "平滑"),
    "log_scale": ("Log", "对数"),
    "clip": ("Clip spikes", "裁剪尖峰"),
    "samples": ("Samples", "样图"),
    "samples_sub": ("Same seeds in every row.", "每行种子相同。"),
    "disappear": ("Should disappear", "应该消失"),
    "stay": ("Should stay", "应该保留"),
    "original": ("Original", "原始"),
    "safeguarded": ("Safeguarded", "防护后"),
    "before": ("before", "训练前"),
    "step": ("step", "步"),
    "of_steps": ("of {total} steps", "共 {total} 步"),
    "still": ("still there", "还在"),
    "gone": ("gone", "已消失"),
    "still_shows": ("still shows", "仍出现"),
    "kept_near": ("look-alikes kept", "相似物保留"),
    "kept": ("kept", "保留"),
    "per_step": ("per step", "每步"),
    "left": ("left", "剩余"),
    "memory": ("memory", "内存"),
    "typical": ("typical", "典型"),
    "stays": ("stays", "保留"),
    "worst": ("still there", "最差：还在"),
    "quick_check": ("A quick check with few pictures. Judge it with more before you rely on it.",
                    "这只是少量图片的快速检查；真正依赖之前，请用更多图片评判。"),
    "saved_in": ("Saved in {path}", "已保存到 {path}"),
    "not_measured": ("not measured", "未测量"),
    "closable": ("You can close this page. The run goes on.", "可以关闭页面，训练会继续。"),
    "log": ("Log, last 200 lines", "日志（最后 200 行）"),
    "no_run": ("No run yet", "还没有运行"),
    "no_run_text": ("Choose what to remove, then start a training.", "先选好要去除的内容，再开始训练。"),
    "new_run": ("Set up a new run", "设置新的训练"),
    "example": ("Example that ships with the studio", "随附示例"),
    "open_compare": ("Compare", "对比"),
    # states
    "s_queued": ("Queued", "排队"),
    "s_starting": ("Starting", "启动中"),
    "s_running": ("Running", "运行中"),
    "s_stopping": ("Stopping", "停止中"),
    "s_stopped": ("Stopped", "已停止"),
    "s_interrupted": ("Interrupted", "中断"),
    "s_failed": ("Failed", "失败"),
    "s_done": ("Done", "完成"),
    "starting_text": ("Loading the model and drawing the original probes.", "正在加载模型并绘制原始探针图片。"),
    "triplets_title": ("Picture triplets", "三元图片组"),
    "triplets_sub": ("What must go, the same made harmless, and something that stays.", "要去除的图片、打上马赛克的同一图片、要保留的图片。"),
    "triplet_upload": ("Use own pictures", "使用自己的图片"),
    "triplet_unsafe": ("Unsafe pictures", "不安全图片"),
    "triplet_benign": ("Harmless pictures", "无害图片"),
    "triplet_masks": ("Masks, named alike; white is covered (optional)", "遮罩，文件名相同，白色处被遮住（可选）"),
    "triplet_pair": ("Make a set of them", "制作三元组"),
    "triplet_set": ("Set", "图片组"),
    "triplet_own": ("The run draws its own", "由训练自己绘制"),
    "triplet_draw": ("Draw a set to look through", "先绘制一组来检查"),
    "triplet_out": ("thrown out", "已剔除"),
    "triplet_kept": ("{kept} of {total} triplets are used.", "使用 {total} 组中的 {kept} 组。"),
    "triplets_text": ("Drawing picture triplets: {done} of {total}.", "正在绘制三元图片组：{done} / {total}。"),
    "triplet_click": ("A click on a triplet", "点击一个三元组"),
    "triplet_drops": ("throws it out", "剔除它"),
    "triplet_paints": ("opens it for painting", "打开涂抹"),
    "triplet_own_mask": ("own mask", "自定遮罩"),
    "paint_choose": ("Click a triplet to paint where it is pixelated.", "请点击要涂抹的三元组。"),
    "paint_blurred": ("This set is blurred. Untick “Blur sensitive pictures” at the top to paint on its pictures.", "这一组是模糊的。请先取消顶部的“模糊敏感图片”，再涂抹。"),
    "paint_help": ("Triplet {number}: paint over what shall be pixelated, then make its mosaic anew.", "第 {number} 组：涂抹要打马赛克的地方，然后重做马赛克。"),
    "paint_make": ("Make the mosaic anew", "重做马赛克"),
    "paint_now": ("The mosaic, from a mask of its own.", "按自定遮罩制作的马赛克。"),
    "paint_before": ("The mosaic as it is now.", "现在的马赛克。"),
    "queued_text": ("Waits until the run before it ends.", "等待前一个训练结束。"),
    # compare
    "suggest_gone": ("Should disappear", "应该消失"),
    "suggest_stay": ("Should stay", "应该保留"),
    "prompt": ("Prompts", "提示词"),
    "prompt_info": ("One a line. Original and safeguarded get the same seed.",
                    "每行一个。原始与防护后使用同样的种子。"),
    "run": ("Run", "运行"),
    "seed": ("Seed", "种子"),
    "strength": ("Strength", "强度"),
    "sampler_steps": ("Sampler steps", "采样步数"),
    "sampler": ("Sampler", "采样器"),
    "preset": ("Settings", "设置"),
    "preset_none": ("As suits model and pack", "适合所选模型与概念包"),
    "guidance": ("Guidance", "引导强度"),
    "draw": ("Draw", "绘制"),
    "more_columns": ("Beside them", "另外对比"),
    "more_columns_info": ("Guidances and other runs; join them with +, such as RUN+sld-medium.",
                          "引导方法和其他运行；可用 + 组合，例如 RUN+sld-medium。"),
    "view": ("View", "视图"),
    "v_slider": ("Slider", "滑块"),
    "v_side": ("Side by side", "并排"),
    "v_strengths": ("Strengths", "强度"),
    "save_sheet": ("Save as one picture", "保存为一张图"),
    "save_zip": ("Save all (zip)", "全部保存 (zip)"),
    "grid_form": ("Grid over prompts, seeds, strengths and more", "网格：提示词、种子、强度等"),
    "grid_info": ("Part values with |, numbers also with commas. What no axis varies is taken from "
                  "the form above.",
                  "用 | 分隔各个值，数字也可用逗号。未列入轴的设置取自上方表单。"),
    "grid_x": ("To the right", "向右"),
    "grid_y": ("Down", "向下"),
    "grid_z": ("In blocks", "分块"),
    "grid_values": ("Values", "值"),
    "axis_prompt": ("Prompt", "提示词"),
    "axis_column": ("What is active", "启用的防护"),
    "draw_grid": ("Draw the grid", "绘制网格"),
    "drawing_stopped": ("Stopped. What was drawn is kept and not drawn again.",
                        "已停止。画好的图片会保留，不会重画。"),
    "grid_done": ("{count} pictures; below them, what is the same in all.",
                  "{count} 张图片；下方写明各图相同的设置。"),
    "stack_form": ("Keep a combination as a stack", "把组合存为叠加方案"),
    "stack_column": ("Combination", "组合"),
    "stack_name": ("Name of the stack", "叠加方案名称"),
    "save_stack": ("Save the stack", "保存叠加方案"),
    "download_stack": ("Download its file", "下载文件"),
    "saved_stack": ("Saved as {name}. It stands under Beside them, and the command line takes it "
                    "as --column {name}.",
                    "已保存为 {name}。可在“另外对比”中选择，命令行用 --column {name}。"),
    "which": ("Picture", "图片"),
    "reveal": ("Reveal, for you only, until you leave", "显示（只对你，离开后恢复）"),
    "may_show": ("May show: {what}", "可能包含：{what}"),
    "drawing": ("Drawing {done} of {total}", "正在绘制 {done} / {total}"),
    "loading": ("Loading the model", "正在加载模型"),
    "drawn": ("Same prompt, same seed, same sampler. {count} pictures in {seconds}.",
              "提示词、种子、采样器都相同。{count} 张图片，用时 {seconds}。"),
    "judge_sees": ("judge sees", "判定器看到"),
    "nothing_known": ("nothing it knows", "没有认识的东西"),
    "compare_empty": ("From the example run. Choose a run and a prompt, then draw.",
                      "来自随附示例。选择运行和提示词后绘制。"),
    "nothing_compare": ("Nothing drawn yet. Choose a run and press Draw; without a run, train one.",
                        "还没有图片。选择运行后点“绘制”；还没有运行时请先训练。"),
    # runs
    "runs_title": ("All runs, newest first", "全部运行（新的在前）"),
    "state": ("state", "状态"),
    "steps_word": ("steps", "步数"),
    "open": ("Open", "打开"),
    "delete": ("Delete", "删除"),
    "delete_sure": ("Delete this run with its pictures and its adapter? This cannot be undone.",
                    "删除这个运行及其图片和适配器？无法恢复。"),
    "keep_it": ("Keep it", "保留"),
    "refresh": ("Refresh", "刷新"),
    "runs_empty": ("No runs yet. Choose what to remove, then start a training.",
                   "还没有运行记录。先选好要去除的内容，再开始训练。"),
    "choose_run": ("Choose a run in the list first.", "请先在列表中选择一个运行。"),
    "not_done": ("Not done", "未完成"),
    **LABEL_WORDS,
    **DRAWN_WORDS,
    **ENDING_WORDS,
    **RATING_WORDS,
    **SETTING_WORDS,
    **REPORT_WORDS,
    **QUEUE_WORDS,
    **SHARE_WORDS,
}  # fmt: skip


def language(request: gr.Request | None) -> str:
    """ "zh" or "en", as the visitor's browser asks."""
    return "en" if request is None else spoken(request.headers.get("accept-language", ""))


def spoken(accepted: str) -> str:
    """ "zh" or "en", from what a browser accepts."""
    return "zh" if str(accepted).strip().lower().startswith("zh") else "en"


def say(lang: str, key: str, **values: object) -> str:
    """A text in a language, its {places} filled."""
    english, chinese = WORDS[key]
    return (chinese if lang == "zh" else english).format(**values)


def _about(method: Method) -> tuple[tuple[str, str], tuple[str, str]]:
    return (method.about.en, ": "), (method.about.zh, "：")


class Words:
    """All texts for Gradio's own components.

    Gradio translates every value that equals a key, so keys get a prefix that no value has.
    """

    def __init__(self) -> None:
        pairs = dict(WORDS)
        for method in METHODS.values():  # the first line of a choice card is bold
            lines = [text.replace(mark, "\n", 1) for text, mark in _about(method)]
            pairs[f"m_{method.name}"] = (lines[0], lines[1])
        english = {PREFIX + key: pair[0] for key, pair in pairs.items()}
        chinese = {PREFIX + key: pair[1] for key, pair in pairs.items()}
        self.i18n = gr.I18n(en=english, zh=chinese, **{"zh-CN": chinese})

    def __call__(self, key: str) -> Any:
        """What a component takes as its label, so that each visitor reads it in their language."""
        return self.i18n(PREFIX + key)
