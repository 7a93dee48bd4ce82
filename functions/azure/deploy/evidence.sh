#!/usr/bin/env bash
# The retention of evidence and anchors of a stage: `evidence.sh is-locked <resource group> <stage>` says true or false,
# `evidence.sh lock …` locks what is not locked yet. A locked policy can be made longer, and nothing else.
set -euo pipefail
[[ $# == 3 && ( "$1" == is-locked || "$1" == lock ) ]] || { echo "evidence.sh is-locked|lock <resource group> <stage>" >&2; exit 2; }

# What is asked of the policy of container $1.
policy() { az storage container immutability-policy show --account-name "$account" --container-name "$1" --query "$2" --output tsv; }

answer=false
accounts=$(az storage account list --resource-group "$2" --query "[?tags.cordonState=='$3'].name" --output tsv)
for account in $accounts; do
  kept=$(az storage container-rm list --storage-account "$account" --query "[?name=='cordon-evidence' || name=='cordon-anchors'].name" --output tsv)
  for container in $kept; do
    state=$(policy "$container" state)
    if [[ "$state" == Locked ]]; then
      answer=true
    elif [[ "$1" == lock ]]; then
      etag=$(policy "$container" etag)
      az storage container immutability-policy lock --account-name "$account" --container-name "$container" --if-match "$etag" --output none
    fi
  done
done
if [[ "$1" == is-locked ]]; then echo "$answer"; fi
