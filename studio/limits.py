"""The largest of everything that may come in. All of them stand here, and in docs/bad-input.md."""

# files
YAML_MB = 1  # a pack, preset, stack or protocol; those that ship have 4 kB
PROMPT_LIST_MB = 200
RATINGS_MB = 50  # a file of ratings
PICTURE_MB = 50
UPLOAD_MB = 100  # one file on the page
WEIGHTS_HEADER_MB = 10  # of a .safetensors file; SDXL's has 0.4 MB
CONFIG_MB = 5  # config.json of a model; they have some kB
WORDS_MB = 20  # vocabulary of a tokenizer; CLIP's have 3 MB
CONFIG_LIST = 10_000  # numbers in one list of a config, such as its noise levels
VECTORS_MB = 16  # learned prompt vectors
# what a YAML file holds
YAML_DEPTH = 20  # lists within lists
YAML_NODES = 50_000  # names, values and lists, where every alias counts as what it stands for
# texts
NAME_LETTERS = 200  # a concept, another name, a kept phrase, a title
PROMPT_LETTERS = 2_000  # models read 77 tokens, some 300 letters; published lists are longer
TEXT_LETTERS = 20_000  # any other text of a record
ID_LETTERS = 64  # becomes the name of a file
MESSAGE_LETTERS = 600  # a failure as people read it
# counts
CONCEPTS = 1_000  # removed by one pack
PHRASES = 10_000  # kept by one pack
PROBES = 500
COLUMN_TERMS = 16  # adapters in one column
PICTURES = 2_000  # one drawing; more are an evaluation
QUESTIONS = 100_000  # prompts asked of a judge, pictures of a family
TRIPLETS = 5_000
PROCESSES = 64
SEED = 2**53 - 1  # what a browser, JSON and torch all keep exactly
# pictures
PICTURE_PIXELS = 50_000_000
