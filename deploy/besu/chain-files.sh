#!/bin/sh
# Makes the genesis block and the validators' keys, once: each key goes into its own validator's volume, the genesis
# file into the one that all of them read. Runs in Besu's image; if it is stopped halfway it starts anew.
set -eu

chain="${CHAIN_DIR:-/chain}"
validators="${VALIDATORS_DIR:-/validators}"
plan="${PLAN:-/etc/besu/network.json}"
prefix="${ADDRESS_PREFIX:?the first three numbers of the network of the chain}"
owner="${OWNER:-1000:1000}"

if [ -f "$chain/genesis.json" ]; then
    echo "genesis and keys are there already"
    exit 0
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
besu operator generate-blockchain-config --config-file="$plan" --to="$work/made" --private-key-file-name=key
# The operator command may fail and still end with code 0.
if [ ! -s "$work/made/genesis.json" ]; then
    echo "besu made no genesis file" >&2
    exit 1
fi

# One line for each validator: its number, the folder with its key.
number=0
for made in "$work"/made/keys/*/; do
    number=$((number + 1))
    printf '%s %s\n' "$number" "$made" >>"$work/list"
done

while read -r number made; do
    home="$validators/$number"
    if [ ! -d "$home" ]; then
        echo "there is no volume for validator $number" >&2
        exit 1
    fi
    separator=""
    {
        printf '['
        while read -r other other_made; do
            if [ "$other" != "$number" ]; then
                public="$(cat "$other_made/key.pub")"
                printf '%s"enode://%s@%s.%s:30303"' "$separator" "${public#0x}" "$prefix" "$((10 + other))"
                separator=","
            fi
        done <"$work/list"
        printf ']\n'
    } >"$home/static-nodes.json"
    cp "$made/key" "$home/key"
    chmod 600 "$home/key"
    chown -R "$owner" "$home"
done <"$work/list"

# Last, and in one stroke: from now on everything is there.
cp "$work/made/genesis.json" "$chain/genesis.json.new"
chmod 644 "$chain/genesis.json.new"
mv "$chain/genesis.json.new" "$chain/genesis.json"
echo "genesis and keys are made for $number validators"
