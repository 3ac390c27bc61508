#!/usr/bin/env bash
# Train on the Gaudis of this machine: deploy/gaudi/train.sh [KEY=VALUE...]
#   GAUDIS=8          how many (default: all that hl-smi lists)
#   NODES=2 NODE=0 HEAD=first-host:29500   the same on several machines, once on each; $BUGLAB_HOME is on a shared disk
set -euo pipefail
gaudis=${GAUDIS:-$(hl-smi -Q module_id -f csv,noheader | wc -l)}

export PT_HPU_LAZY_MODE=0                      # eager mode with torch.compile; lazy mode is legacy
export PT_HPU_PLACE_ON_CPU=${PT_HPU_PLACE_ON_CPU:-none}   # an operator that a Gaudi lacks is an error, not a silent detour
cache=${BUGLAB_HOME:?say where corpora and runs live}/gaudi-recipes
export PT_HPU_RECIPE_CACHE_CONFIG=${PT_HPU_RECIPE_CACHE_CONFIG:-$cache,false,4096}   # compiled once, kept between runs

if [[ $gaudis -eq 1 && ${NODES:-1} -eq 1 ]]; then
    exec buglab train experiment=gaudi "$@"
fi
place=(--standalone)
if [[ ${NODES:-1} -gt 1 ]]; then
    place=(--nnodes="$NODES" --node_rank="${NODE:?which of them this is}" --rdzv_backend=c10d --rdzv_endpoint="${HEAD:?host:port}")
fi
exec torchrun "${place[@]}" --nproc_per_node="$gaudis" -m buglab.train.main experiment=gaudi "$@"
