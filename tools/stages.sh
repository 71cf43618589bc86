# The stages of ./test. Each adds to the counts by count PASSED FAILED SKIPPED or by a parser below.

passed=0 failed=0 skipped=0 summary=()

count() {
  passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + ${3:-0}))
}

# check NAME COMMAND...: one test; its output is shown only where it fails.
check() {
  local name=$1 log; shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    echo "  ok      $name"; count 1 0
  else
    echo "  FAILED  $name"; tail -n 60 "$log"; count 0 1
  fi
  rm -f "$log"
}

run_stage() {
  local stage=$1 start=$SECONDS
  say "== $stage"
  "stage_$stage"
  summary+=("$(printf '%-6s %5d s' "$stage" $((SECONDS - start)))")
}

report() {
  echo; printf '%s\n' "${summary[@]}"
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}

stage_lint() {
  check "clang-format" bash -c "git ls-files 'src/*.h' 'src/*.cpp' 'apps/*.h' 'apps/*.cpp' 'benchmarks/*.cpp' 'examples/*.cpp' | xargs clang-format --dry-run -Werror"
  check "module graph: arrows point down" python3 tests/architecture/check_modules.py
  check "shell scripts parse" bash -n start test bench tools/demo.sh tools/lib.sh tools/stages.sh tools/timescale.sh examples/own_model/run .ci/run
}

# ctest_counts LOG: reads "97% tests passed, 3 tests failed out of 100" and the list of skipped ones.
ctest_counts() {
  local line total bad skip
  line=$(grep -E 'tests passed, [0-9]+ tests? failed out of [0-9]+' "$1" | tail -n 1)
  if [ -z "$line" ]; then echo "  FAILED  no test ran"; count 0 1; return; fi
  total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")
  bad=$(sed -E 's/.*, ([0-9]+) tests? failed.*/\1/' <<<"$line")
  skip=$(grep -cE '\*\*\*Skipped' "$1")
  echo "  $((total - bad - skip)) passed, $bad failed, $skip skipped"
  [ "$skip" -gt 0 ] && grep -E '\*\*\*Skipped' "$1" | sed -E 's/ +[0-9]+\/[0-9]+ Test +#[0-9]+: /  skipped: /' | head -n 20
  count $((total - bad - skip)) "$bad" "$skip"
}

stage_build() {
  check "release build, warnings are errors" build_all_release
  check "clang-tidy (short list)" run_clang_tidy src/base src/model src/record src/sqlite
}
build_all_release() { build_cpp release; }

# run_clang_tidy FOLDER...
run_clang_tidy() {
  local files
  files=$(git ls-files "${@/%//*.cpp}" | grep -vE '_(test|bench)\.cpp$')
  cmake --preset tidy >/dev/null && cmake --build build/tidy --target generated >/dev/null &&
    xargs -P 2 -n 4 clang-tidy -p build/tidy --quiet <<<"$files"
}

# Tests that read public data look for it here and skip loudly without it.
data_folder() {
  if [ -n "${MILLWRIGHT_DATA:-}" ]; then echo "$MILLWRIGHT_DATA"; elif [ -d ../shared/data ]; then (cd ../shared/data && pwd); fi
}

stage_unit() {
  MILLWRIGHT_DATA=$(data_folder) ctest --test-dir build/release -j2 --output-on-failure \
    >build/unit.log 2>&1
  grep -A40 -E '\*\*\*(Failed|Timeout|Exception)' build/unit.log | head -n 120
  ctest_counts build/unit.log
}

stage_asan() {
  if ! build_cpp asan unit_tests; then count 0 1; return; fi
  MILLWRIGHT_DATA=$(data_folder) ASAN_OPTIONS=detect_stack_use_after_return=1 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    ctest --test-dir build/asan -j2 --output-on-failure >build/asan.log 2>&1
  grep -A40 -E '\*\*\*(Failed|Timeout|Exception)' build/asan.log | head -n 120
  ctest_counts build/asan.log
}

stage_web() {
  check "npm ci and production build" build_web
  check "types, oxlint, Prettier, import directions" npm run --silent --prefix web lint
  rm -f build/web-tests.json
  npm run --silent --prefix web test -- --reporter=json --outputFile=../build/web-tests.json \
    >build/web-tests.log 2>&1
  json_counts build/web-tests.json build/web-tests.log
}

# json_counts FILE LOG: counts of a vitest JSON report.
json_counts() {
  if [ ! -s "$1" ]; then tail -n 40 "$2"; echo "  FAILED  no report $1"; count 0 1; return; fi
  local counts
  counts=$(python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(r["numPassedTests"], r["numFailedTests"] + (0 if r["success"] or r["numFailedTests"] else 1), r["numPendingTests"])' "$1")
  echo "  $counts (passed, failed, skipped)"
  # shellcheck disable=SC2086
  count $counts
  grep -q '"success":true' "$1" || tail -n 60 "$2"
}

stage_e2e() {
  if ! (install_npm tests/e2e && build_web); then echo "  FAILED  installing or building for the browser"; count 0 1; return; fi
  tests/e2e/run "${E2E_FILES[@]}" >build/e2e.log 2>&1
  grep -E '^(not ok|# fail|    not ok)' build/e2e.log | head -n 40
  node_counts build/e2e.log
}
E2E_FILES=()

# node_counts LOG: the closing lines of node's test runner.
node_counts() {
  local p f s
  p=$(sed -nE 's/^# pass ([0-9]+)/\1/p' "$1" | tail -n 1)
  f=$(sed -nE 's/^# (fail|cancelled) ([0-9]+)/\2/p' "$1" | awk "{n+=\$1} END {print n+0}")
  s=$(sed -nE 's/^# skipped ([0-9]+)/\1/p' "$1" | tail -n 1)
  if [ -z "$p" ]; then tail -n 40 "$1"; echo "  FAILED  no test ran"; count 0 1; return; fi
  echo "  $p passed, $f failed, $s skipped"
  [ "$f" -gt 0 ] && grep -B2 -A30 '^ *not ok' "$1" | head -n 150
  count "$p" "$f" "$s"
}

stage_tsan() {
  if ! build_cpp tsan unit_tests; then count 0 1; return; fi
  TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp halt_on_error=1" \
    ctest --test-dir build/tsan -j2 --output-on-failure >build/tsan.log 2>&1
  grep -A40 -E '\*\*\*(Failed|Timeout|Exception)' build/tsan.log | head -n 120
  ctest_counts build/tsan.log
}

stage_tidy() { check "clang-tidy (everything)" run_clang_tidy src apps; }

stage_kills() {
  export KILL_ROUNDS=100
  E2E_FILES=(kill.test.mjs)
  stage_e2e
}

# Every cut and every fault instead of a drawn selection of them.
stage_cuts() {
  if ! build_cpp release unit_tests; then count 0 1; return; fi
  MILLWRIGHT_LONG_TESTS=1 ctest --test-dir build/release -j2 --output-on-failure -R 'PowerCut|Fault|Fuzz|Damage|Crash' \
    >build/cuts.log 2>&1
  ctest_counts build/cuts.log
}

# Models of a real MLflow server, which is installed for it (570 MB).
stage_mlflow() {
  install_packages tools/packages/mlflow.txt
  E2E_FILES=(mlflow.long.mjs)
  stage_e2e
}

# Power cuts of real file systems, errors of the kernel, disks that are full; and a tenant's files mutated under ASan.
# Needs root and the packages of tools/packages/hurts.txt; what cannot run says so and counts as skipped.
stage_hurts() {
  (install_packages tools/packages/hurts.txt)
  export E2E_TIMEOUT_MS=3600000
  E2E_FILES=(power-cut.hurts.mjs kernel-errors.hurts.mjs full-disk.hurts.mjs)
  stage_e2e
  grep -E '# SKIP' build/e2e.log | sed -E 's/^ok [0-9]+ - /  skipped: /'
  count 0 0 "$(grep -cE '# SKIP' build/e2e.log)"  # whole groups, which node does not count
  if ! build_cpp asan storage_sqlite_test; then count 0 1; return; fi
  check "mutated tenant folders under AddressSanitizer" env MILLWRIGHT_MUTATIONS="${MILLWRIGHT_MUTATIONS:-500}" \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    build/asan/src/storage/sqlite/storage_sqlite_test --gtest_filter='SqliteTenantDamage.*'
}

# The store's contract on PostgreSQL 17 with TimescaleDB, in a Debian 13 folder made for it.
stage_timescale() {
  if ! build_cpp release storage_postgres_test; then count 0 1; return; fi
  local status=0 p f
  tools/timescale.sh run build/release/src/storage/postgres/storage_postgres_test >build/timescale.log 2>&1 || status=$?
  if [ $status -eq 77 ]; then tail -n 1 build/timescale.log; count 0 0 1; return; fi
  p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) tests?\..*/\1/p' build/timescale.log | tail -n 1)
  f=$(sed -nE 's/^\[  FAILED  \] ([0-9]+) tests?, .*/\1/p' build/timescale.log | tail -n 1)
  if [ $status -ne 0 ] && [ "${f:-0}" -eq 0 ]; then  # it broke off
    tail -n 40 build/timescale.log
    f=1
  fi
  echo "  ${p:-0} passed, ${f:-0} failed"
  [ "${f:-0}" -eq 0 ] || grep -E '^\[  FAILED  \]' build/timescale.log
  count "${p:-0}" "${f:-0}"
}
