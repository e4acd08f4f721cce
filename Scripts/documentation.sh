#!/bin/sh
# Makes the library's documentation with DocC, in .build/documentation; what DocC has to say against it is an error.
#
#   Scripts/documentation.sh
set -eu
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
"$swift" build --target RabbitMQClient
modules=$("$swift" build --show-bin-path)
checkouts=.build/checkouts
graphs=.build/symbol-graphs
archive=.build/documentation
rm -rf "$graphs" "$archive"
mkdir -p "$graphs"

set --
for map in "$modules"/C*.build/module.modulemap "$modules"/_C*.build/module.modulemap \
    "$checkouts"/swift-nio-ssl/Sources/*/include/module.modulemap \
    "$checkouts"/swift-nio/Sources/*/include/module.modulemap \
    "$checkouts"/swift-atomics/Sources/*/include/module.modulemap; do
    if [ -f "$map" ]; then set -- "$@" -Xcc "-fmodule-map-file=$map"; fi
done
for module in RabbitMQClient AMQPWire; do
    "$swift" symbolgraph-extract -module-name "$module" -target "$(uname -m)-unknown-linux-gnu" -I "$modules/Modules" \
        -minimum-access-level public -skip-synthesized-members -output-dir "$graphs" "$@"
done
docc=$(dirname "$(command -v "$swift")")/docc
[ -x "$docc" ] || docc=docc
"$docc" convert Sources/RabbitMQClient/RabbitMQClient.docc --additional-symbol-graph-dir "$graphs" \
    --output-path "$archive" --fallback-display-name RabbitMQClient \
    --fallback-bundle-identifier RabbitMQClient --warnings-as-errors
echo "$archive: serve it with 'python3 -m http.server -d $archive', and open /documentation/rabbitmqclient there."
