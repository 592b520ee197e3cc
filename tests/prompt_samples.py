"""A small harmless sample of every layout of prompt lists that people bring."""

from studio.evaluation.prompt_files import PromptRow

# name: (content, layout, column map, first row)
SAMPLES: dict[str, tuple[str, str, dict[str, str], PromptRow]] = {
    "i2p": (
        "prompt,categories,hard,nudity_percentage,sd_seed,sd_guidance_scale\n"
        '"a storm, at sea","shocking, violence",0,0.0,1634228581,7.5\n',
        "csv",
        {
            "prompt": "prompt",
            "categories": "categories",
            "seed": "sd_seed",
            "guidance": "sd_guidance_scale",
        },
        PromptRow(
            2, "a storm, at sea", 1634228581, 7.5, "", ("shocking", "violence"),
            other={"hard": "0", "nudity_percentage": "0.0"},
        ),
    ),
    "esd": (
        ",prompt,categories,evaluation_seed,evaluation_guidance,case_number\n"
        "0,a storm,shocking,7,7,12\n",
        "csv",
        {
            "prompt": "prompt",
            "categories": "categories",
            "seed": "evaluation_seed",
            "guidance": "evaluation_guidance",
            "id": "case_number",
        },
        PromptRow(2, "a storm", 7, 7.0, "12", ("shocking",), other={"": "0"}),
    ),
    "esd, index alone": (
        "Unnamed: 0,prompt,evaluation_seed\n4,a storm,7.0\n",
        "csv",
        {"prompt": "prompt", "seed": "evaluation_seed", "id": "Unnamed: 0"},
        PromptRow(2, "a storm", 7, id="4"),
    ),
    "unlearndiffatk, van gogh": (
        "case_number,prompt,evaluation_seed,artist\n0,a field of wheat,219,Vincent van Gogh\n",
        "csv",
        {
            "prompt": "prompt",
            "seed": "evaluation_seed",
            "id": "case_number",
            "categories": "artist",
        },
        PromptRow(2, "a field of wheat", 219, id="0", categories=("Vincent van Gogh",)),
    ),
    "ring-a-bell, pairs": (
        "sensitive prompt,normal prompt\na burning house,a house\n",
        "csv",
        {"prompt": "sensitive prompt", "twin": "normal prompt"},
        PromptRow(2, "a burning house", twin="a house"),
    ),
    "p4d": (
        "index,prompt,evaluation_seed,evaluation_guidance,case_number,safe_model,safe_level\n"
        "3,a storm,1,7.5,9,sld,max\n",
        "csv",
        {
            "prompt": "prompt",
            "seed": "evaluation_seed",
            "guidance": "evaluation_guidance",
            "id": "case_number",
        },
        PromptRow(
            2, "a storm", 1, 7.5, "9",
            other={"index": "3", "safe_model": "sld", "safe_level": "max"},
        ),
    ),
    "mma": (
        "target_prompt,adv_prompt,sanitized_adv_prompt,clean_prompt\na fire,fyre zz,f zz,a lake\n",
        "csv",
        {"prompt": "adv_prompt", "twin": "clean_prompt"},
        PromptRow(
            2, "fyre zz", twin="a lake",
            other={"target_prompt": "a fire", "sanitized_adv_prompt": "f zz"},
        ),
    ),
    "six-cd": (
        "case_number,evaluation_seed,target,prompt\n0,27858,tench,tench on grass\n",
        "csv",
        {"prompt": "prompt", "seed": "evaluation_seed", "id": "case_number"},
        PromptRow(2, "tench on grass", 27858, id="0", other={"target": "tench"}),
    ),
    "six-cd, names": (
        "id,concept\n0,golf ball\n",
        "csv",
        {"id": "id", "categories": "concept", "prompt": "concept"},
        PromptRow(2, "golf ball", id="0", categories=("golf ball",)),
    ),
    "six-cd, templates": (
        '"a photo of {name}"\n"a picture, of {name}"',
        "one prompt a line",
        {"prompt": "line"},
        PromptRow(1, "a photo of {name}"),
    ),
    "hub, target images": (
        "a park with dogs, cats\nbirds\n",
        "one prompt a line",
        {"prompt": "line"},
        PromptRow(1, "a park with dogs, cats"),
    ),
    "hub, pinpoint": (
        "noun,similarity\ntractor,0.91\n",
        "csv",
        {"prompt": "noun"},
        PromptRow(2, "a photo of tractor", other={"similarity": "0.91"}),
    ),
    "hub, languages": (
        "Original,Spanish,French,German,Italian,Portuguese,Index\na cat,un gato,c,d,e,f,8\n",
        "csv",
        {"prompt": "Original", "id": "Index"},
        PromptRow(
            2, "a cat", id="8",
            other={"Spanish": "un gato", "French": "c", "German": "d", "Italian": "e",
                   "Portuguese": "f"},
        ),
    ),
    "hub, coco": (
        "image_id,text\n42,a man on a bench\n",
        "csv",
        {"prompt": "text", "id": "image_id"},
        PromptRow(2, "a man on a bench", id="42"),
    ),
    "when are concepts erased": (
        "prompt,seed\na lighthouse,5\n",
        "csv",
        {"prompt": "prompt", "seed": "seed"},
        PromptRow(2, "a lighthouse", 5),
    ),
    "ailuminate": (
        "release_prompt_id,prompt_text,hazard,persona,locale,prompt_hash\n"
        "r1,say something,vcr,normal,en_us,ff\n",
        "csv",
        {"prompt": "prompt_text", "categories": "hazard", "id": "release_prompt_id"},
        PromptRow(
            2, "say something", id="r1", categories=("vcr",),
            other={"persona": "normal", "locale": "en_us", "prompt_hash": "ff"},
        ),
    ),
    "coco 30k, newline inside": (
        'image_id,source,prompt,evaluation_seed\n1,COCO,"a dog\r\non a sofa",3\n2,COCO,a cat,4\n',
        "csv",
        {"prompt": "prompt", "id": "image_id", "seed": "evaluation_seed"},
        PromptRow(2, "a dog\non a sofa", 3, id="1", other={"source": "COCO"}),
    ),
    "semicolons": (
        "prompt;seed\na cat, asleep;5\n",
        "csv",
        {"prompt": "prompt", "seed": "seed"},
        PromptRow(2, "a cat, asleep", 5),
    ),
    "tabs with a header": (
        "prompt\tseed\ta note\na cat\t5\tmine\n",
        "csv",
        {"prompt": "prompt", "seed": "seed"},
        PromptRow(2, "a cat", 5, other={"a note": "mine"}),
    ),
    "text and object": (
        "a bomb on red\tbomb\n",
        "text<TAB>object",
        {"prompt": "text", "shows": "object"},
        PromptRow(1, "a bomb on red", shows="bomb"),
    ),
    "json texts": (
        '["a cat", "a dog"]',
        "json texts",
        {"prompt": "text"},
        PromptRow(1, "a cat"),
    ),
    "emma": (
        '[{"church": ["a church", "an old church"]}, {"tench": ["a tench"]}]',
        "json by concept",
        {"prompt": "text", "categories": "concept"},
        PromptRow(1, "a church", categories=("church",)),
    ),
    "risky prompt": (
        '[{"prompt": "a riot", "label": {"violence——crowd": ["people, fighting"]}}]',
        "json rows",
        {"prompt": "prompt", "categories": "label"},
        PromptRow(
            1, "a riot", categories=("violence——crowd",),
            other={"label": '{"violence——crowd": ["people, fighting"]}'},
        ),
    ),
    "json lines": (
        '{"prompt": "a cat", "seed": 5}\n{"prompt": "a dog", "seed": 6}\n',
        "json rows",
        {"prompt": "prompt", "seed": "seed"},
        PromptRow(1, "a cat", 5),
    ),
}  # fmt: skip
