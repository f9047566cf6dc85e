#!/bin/sh
# Asks a worker for the verdict on a photo and prints it as JSON.
#
# usage: ask.sh PHOTO [MODEL]     MILLRACE is the worker's address, MILLRACE_TOKEN its token where it has one
set -eu
photo=${1:?give a photo}
model=${2:-safety}
address=${MILLRACE:-http://127.0.0.1:8000}

# A worker that is busy (429) or shutting down (503) says when to ask again, and curl does.
exec curl --silent --show-error --fail-with-body --max-time 30 --retry 3 \
  ${MILLRACE_TOKEN:+--header "Authorization: Bearer $MILLRACE_TOKEN"} \
  --header 'Millrace-Deadline-Ms: 5000' \
  --data-binary "@$photo" "$address/v2/models/$model/infer?format=verdict"
