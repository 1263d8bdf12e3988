"""The commented study that ``hormesis study init`` writes."""

from __future__ import annotations

STUDY_TEMPLATE = """\
# A study of your own data. Set the paths, then:
#   hormesis study plan study.yaml     what it will cost; computes nothing
#   hormesis study mix study.yaml      the mixtures, in rows and tokens, before anything is trained
#   hormesis study run study.yaml      stop it at any time; the same command resumes
# Relative paths are read against this file's folder, or against --data (HORMESIS_DATA).
name: my-study
description: What question does this study answer?

corpus:
  source: files
  # Parquet, JSONL (plain, .gz, .zst), a folder of these or of .txt files, or a Hugging Face dataset:
  #   clean: {dataset: allenai/c4, config: en, split: train, streaming: true, limit: 200000}
  clean: {path: clean.parquet, column: text}
  toxic: {path: toxic.jsonl.gz, column: text}

held_out:               # split off by the hash of the text, before anything else
  evaluate: 0.02        # for cross-entropy and KL
  scorer: 0.10          # for fitting the n-gram scorer; 0 if you use another
  labeller: 0           # for fitting the n-gram labeller of recipes and dpo-ranked, e.g. 0.1 if you have one
  # calibration: 0.02   # clean text to find strengths on that cost what is asked for

tokenizer:
  vocabulary: 4096      # a byte-level BPE trained on your rows; or `path: FOLDER` of a Hugging Face tokenizer

mixture:
  shares: [0, 0.05, 0.10, 0.20]
  of: total             # a share of all tokens; `clean`: a ratio to the clean tokens
  budget: additive      # clean tokens are constant; `total`: all tokens are constant
  tokens: 4_000_000     # of the part that is constant
  allow_repetition: false

# recipes:              # more arms: what is done to the corpus before pretraining, each at its own shares
#   - {recipe: meda, shares: [0.10]}                      # the toxicity score before each document
#   - {recipe: inst, shares: [0.10]}                      # a sentence that says toxic or non-toxic
#   - {recipe: tags, shares: [0.10], cooldown: 0.1}       # a good or bad tag; none in the last tenth
#   - {recipe: filter, shares: [0.10], threshold: 0.5}    # toxic documents left out of what share 0.10 would be
#   - {recipe: mask, shares: [0.10], unit: sentence}      # toxic sentences (or documents) read, not learned
#   - {recipe: late, shares: [0.10]}                      # or early: the toxic rows after all others
#   - {recipe: control, shares: [0.10], source: {path: control.parquet}}   # a non-toxic source in their place
#   - {recipe: count, shares: [0.05, 0.20], toxic_tokens: 400_000}         # as many toxic tokens at every share
#   - {recipe: same, name: slow, shares: [0, 0.10], learning_rate: 0.0013}  # trained otherwise; any recipe takes this
# labeller: {kind: ngram}   # scores for recipes and dpo-ranked, and is not the scorer below

training:
  preset: tiny          # micro, tiny, olmo2-190m … olmo2-1b
  sequence_length: 128
  batch_rows: 32
  # snapshots: [0, 0.25, 0.5]       # models kept on the way; `geometry` measures them, too

seeds: [0, 1, 2]        # or {init: 0, data: 1, order: 2}; three or more for any conclusion about seeds

concept:                # labelled texts: what the probes and directions are fitted on
  path: concept.parquet
  column: text
  label: label          # a number or a boolean
  threshold: 0.5        # label >= threshold is toxic
  group: author         # splits keep a group together

methods:                # beside the model as it is, which is always measured
  - method: prompting
  - method: iti
    heads: 6
    strengths: [4, 8, 12, 24]
  - method: iti-random-direction    # the control: as large, in a direction that means nothing
    heads: 6
    strengths: [4, 8, 12, 24]
  # - {method: dpo, pairs: {path: pairs.jsonl}}           # columns neutral and toxic; sft and dexperts, too
  # - {method: dpo-ranked, prompts: {path: more.jsonl, column: prompt, limit: 1000}}   # own samples, by the labeller
  # - {method: caa, strengths: {costs: [0.02, 0.05, 0.1]}}   # each model's own, that cost so much; needs `calibration`
  # - {method: iti, name: iti-forum, concept: forum}      # the same method on another concept
# concepts:             # the corpus's own register, from rows that `held_out: {concept: 0.05}` sets aside
#   forum: {source: corpus, nontoxic: {path: control.parquet}}

# geometry:             # how entangled is toxicity with other concepts, at each layer of every model?
#   bank: {source: file, path: clean.parquet, concept: forum, minimum: 100}   # the values of a column
#   transfer: {toxic: {path: posts.parquet}, nontoxic: {path: control.parquet}}   # does its direction carry over?

evaluation:
  prompts:
    rtp: {path: prompts.jsonl, column: prompt, score: prompt_toxicity, limit: 300}
  generation: {samples: 25, max_new_tokens: 20, top_p: 0.9, temperature: 1.0}
  # The judge is fitted on rows set aside. Beside the clean ones it needs non-toxic texts of the toxic ones' own sites,
  # or it learns the site; `tuning` keeps it from learning length, names of groups and spelling. The study checks what
  # it calls toxic before it trains, and stops where that is something else (`--accept-scorer` goes on).
  scorer:                           # or {kind: huggingface, model: unitary/unbiased-toxic-roberta}
    kind: ngram
    nontoxic: [{path: same-sites.parquet, column: text}]
    tuning: {lengths: matched, mentions: balanced, spelling: as meant}
  # scorers:                        # several in its place, the main one first: the report says where they differ
  #   - {kind: ngram, half: first}
  #   - {kind: encoder, model: FOLDER, half: second}    # any encoder, fine-tuned on the other half of those rows
  # likelihood: {path: realtoxicityprompts.parquet, limit: 1000}   # are toxic continuations likelier to a model?
  # perspective: {path: realtoxicityprompts.parquet}    # Perspective's scores, to hold the scorers against
  domains: {}                       # more held-out text: {wikitext2: {path: wikitext2.parquet}}
  documents: 300
  # precision: bfloat16             # of the models that are measured: for GPUs; other rows than float32
  # tasks: {names: [blimp, arc_easy], folder: capability, limit: 200}   # through lm-eval: hormesis[capability]
  # detection: {path: toxigen_annotated.parquet, limit: 1000}           # can the models tell toxic texts?

checks: {}              # no text that evaluates may be a row of training: {whole: 0, overlap: 0.1, ngram: 13}
#   against: {arc: {path: arc.parquet, column: question}}    # more texts that must not be trained on

# tampering:                        # fine-tune each detoxified model on training rows: how soon is it toxic again?
#   training: {steps: [5, 10, 20, 50, 100, 200], rank: null}

# Does not change any result's name: {workers: 2, threads: 1, device: auto, gpus_per_cell: 0.25} (four on one GPU).
execution: {}
"""
