// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/prove.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/file_lock.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/instruction_set.h"
#include "astrolabe/base/text.h"
#include "astrolabe/evidence/ledger.h"
#include "astrolabe/report/evidence_page.h"
#include "astrolabe/workflow/ask_again.h"
#include "astrolabe/workflow/findings.h"
#include "astrolabe/workflow/fresh_fits.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/paper.h"
#include "astrolabe/workflow/ranking_setup.h"

namespace astrolabe {
namespace {

constexpr double kShareOfGain = 0.01;  // of the region of equivalence

[[noreturn]] void refuse_without_proof_rows(const ProveOptions& options, const Run& run) {
  const bool is_small = run.result.rows_used < 1'000;
  throw bad_input(
      {.attempted = "proving the findings of " + options.folder.string(),
       .expected = "rows that were sealed for a proof before the search",
       .found = is_small ? fmt::format("a table of {} rows; below 1,000 nothing is sealed",
                                       format_count(run.result.rows_used))
                         : "none, for the run had no star",
       .remedy = is_small ? "Give more rows, or compare the parts over other tables: astrolabe bench."
                          : "Run again with a star, such as --activation '*' or --trees-learning-rate '*'."});
}

// Both sides of a finding on the sealed rows, over the pairs so far.
struct Contest {
  std::size_t ours = 0, theirs = 0;  // systems
  std::vector<double> our_sum = {}, their_sum = {};
  double pairs = 0;

  void add(const std::vector<double>& ours_now, const std::vector<double>& theirs_now) {
    our_sum.resize(ours_now.size());
    their_sum.resize(theirs_now.size());
    for (std::size_t i = 0; i < our_sum.size(); ++i) our_sum[i] += ours_now[i];
    for (std::size_t i = 0; i < their_sum.size(); ++i) their_sum[i] += theirs_now[i];
    ++pairs;
  }
};

// What the sealed rows say of predictions.
class Judge {
 public:
  Judge(const Task& task, const Labels& labels, Key key)
      : metric_(*find_metric(task.metric)), labels_(labels), key_(key), rows_(labels.rows()) {
    std::iota(rows_.begin(), rows_.end(), RowIndex{0});
  }

  [[nodiscard]] double score(const std::vector<double>& predicted) const {
    return score_rows(metric_, rows_, predicted, labels_);
  }
  // 1 where more is better.
  [[nodiscard]] double sign() const { return metric_.higher_is_better ? 1 : -1; }
  // Of mean predictions, above 0 where ours are better.
  [[nodiscard]] Estimate compare(const Contest& contest, double confidence) const {
    const JudgedRows ours = judge(rows_, mean_of(contest.our_sum, contest.pairs), labels_);
    const JudgedRows theirs = judge(rows_, mean_of(contest.their_sum, contest.pairs), labels_);
    Estimate effect = paired_difference(metric_, ours.scored(), theirs.scored(), key_, confidence).effect;
    if (metric_.higher_is_better) return effect;
    return {.value = -effect.value, .low = -effect.high, .high = -effect.low, .method = effect.method};
  }
  [[nodiscard]] static std::vector<double> mean_of(std::vector<double> sum, double pairs) {
    for (double& value : sum) value /= pairs;
    return sum;
  }

 private:
  const Metric& metric_;
  const Labels& labels_;
  Key key_;
  std::vector<RowIndex> rows_;
};

// Differences below a hundredth of what the baseline gains on a constant prediction make no difference.
double rope_of(const ProveOptions& options, FreshFits& fits, std::size_t floor, std::size_t baseline,
               const Judge& judge) {
  if (options.rope) return *options.rope;
  const std::vector<double>* theirs = fits.predict(baseline, 0);
  const double score = theirs == nullptr ? std::nan("") : judge.score(*theirs);
  const std::vector<double>* constant = fits.predict(floor, 0);
  if (constant == nullptr || !std::isfinite(score)) return 0;
  return kShareOfGain * std::abs(score - judge.score(*constant));
}

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

void write_claims(EvidenceResult& result) {
  result.ledger_path = ledger_path().string();
  Ledger ledger = Ledger::open(result.ledger_path);
  for (const ProvedFinding& finding : result.findings) {
    const Proof& proof = finding.proof;
    ledger.append({.number = 0,
                   .written = now_utc(),
                   .command = result.command,
                   .study = std::filesystem::absolute(result.folder).string(),
                   .data = result.data_path,
                   .data_hash = hash_to_hex(result.data_hash),
                   .target = result.target,
                   .slot = finding.slot,
                   .finding = finding.finding,
                   .baseline = finding.baseline,
                   .metric = result.metric,
                   .verdict = proof.verdict,
                   .effect = proof.effect(),
                   .low = proof.difference.low,
                   .high = proof.difference.high,
                   .rope = finding.rope,
                   .alpha = proof.alpha,
                   .pairs = proof.evidence.pairs(),
                   .rows = result.sealed_rows,
                   .look = result.look,
                   .protocol = result.protocol,
                   .hardware = result.hardware,
                   .version = result.version});
  }
}

struct Sides {
  std::vector<Contest> contests;
  std::size_t floor = 0;
};
Sides add_systems(FreshFits& fits, const std::vector<Finding>& findings) {
  Sides sides;
  for (const Finding& finding : findings)
    sides.contests.push_back({.ours = fits.add(finding.found), .theirs = fits.add(finding.baseline)});
  sides.floor = fits.add_floor();
  return sides;
}

// The slice is open: its price is paid whatever comes of it.
void prove_on_sealed_rows(const ProveOptions& options, const std::vector<Finding>& findings, Sides& sides,
                          FreshFits& fits, const Judge& judge, EvidenceResult& result) {
  std::vector<std::vector<double>> differences(findings.size());
  ProofRequest request{.rules = {.alpha = options.alpha,
                                 .look = result.look,
                                 .findings = findings.size(),
                                 .most_seeds = options.most_pairs},
                       .ropes = {},
                       .retrain = {},
                       .compare_rows = {}};
  for (const Contest& contest : sides.contests)
    request.ropes.push_back(rope_of(options, fits, sides.floor, contest.theirs, judge));
  request.retrain = [&](std::size_t i, std::size_t seed) -> std::optional<double> {
    Contest& contest = sides.contests[i];
    const std::vector<double>* ours = fits.predict(contest.ours, seed);
    const std::vector<double>* theirs = ours == nullptr ? nullptr : fits.predict(contest.theirs, seed);
    if (theirs == nullptr) return std::nullopt;
    contest.add(*ours, *theirs);
    differences[i].push_back(judge.sign() * (judge.score(*ours) - judge.score(*theirs)));
    return differences[i].back();
  };
  request.compare_rows = [&](std::size_t i, double confidence) {
    return judge.compare(sides.contests[i], confidence);
  };
  std::vector<Proof> proofs = prove_findings(request);
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const Contest& contest = sides.contests[i];
    const auto score = [&](const std::vector<double>& sum) {
      return sum.empty() ? std::nan("") : judge.score(Judge::mean_of(sum, contest.pairs));
    };
    result.findings.push_back({.slot = findings[i].slot,
                               .finding = findings[i].found.label,
                               .baseline = findings[i].baseline.label,
                               .finding_settings = fits.settings(contest.ours),
                               .baseline_settings = fits.settings(contest.theirs),
                               .finding_score = score(contest.our_sum),
                               .baseline_score = score(contest.their_sum),
                               .rope = request.ropes[i],
                               .differences = std::move(differences[i]),
                               .proof = std::move(proofs[i])});
  }
}

EvidenceResult describe(const ProveOptions& options, const Run& run, const SameQuestion& question) {
  EvidenceResult result;
  result.folder = options.folder.string();
  result.command = options.command;
  result.version = run.result.version;
  result.data_path = run.options.data.string();
  result.data_hash = run.result.data_hash;
  result.target = run.result.task.target;
  result.metric = run.result.task.metric;
  result.open_rows = question.prepared.data.features.rows();
  result.sealed_rows = question.sealing.proof->rows();
  result.alpha = options.alpha;
  result.most_pairs = options.most_pairs;
  result.tries = options.tries;
  result.hardware = hardware_text(ThreadPool(0).size());
  result.protocol = fmt::format(
      "each pair: both sides fitted on the same four fifths of {} open rows with a fresh seed, after {} "
      "learning "
      "rates each; judged by {} on {} sealed rows",
      format_count(result.open_rows), options.tries, result.metric, format_count(result.sealed_rows));
  return result;
}

void write_results(const ProveOptions& options, EvidenceResult& result) {
  result.page_path = (options.folder / "evidence.html").string();
  if (options.keeps_ledger && !result.findings.empty()) write_claims(result);
  write_file_atomically(options.folder / "evidence.json", evidence_json(result));
  write_file_atomically(options.folder / "evidence.html", evidence_html(result));
  add_chapter(options.folder, "evidence", evidence_chapter(result));
}

}  // namespace

EvidenceResult prove(const ProveOptions& options, Progress& progress) {
  // 1. The question of the run again: the same rows are open, the same are sealed.
  RunOfFolder folder = open_run(options.folder, "proving the findings of");
  Run run = run_again(folder, progress, options.threads, options.seconds);
  const SameQuestion question =
      ask_again(run, options.folder, folder.head, "Prove it with the version that ran it.");
  if (!question.sealing.proof) refuse_without_proof_rows(options, run);
  EvidenceResult result = describe(options, run, question);

  // 2. What was found, and the same tries for either side. Nothing sealed is read yet.
  const std::vector<Finding> findings =
      findings_of(folder.study.store(), question.prepared.space, options.most_findings);
  if (findings.empty()) {
    result.notes.emplace_back("one system alone was tried: there is nothing to compare it with");
    return result;
  }
  const FolderLock lock(options.folder);
  const Task& task = run.result.task;
  FreshFits fits(
      {.open = question.prepared.data, .rule = rule_of_open_rows(run.options.split, task), .task = task},
      run.key.split("tuning for a proof"), run.pool, run.budget, progress);
  Sides sides = add_systems(fits, findings);
  if (!fits.tune(options.tries) || run.budget.should_stop()) {
    throw nothing_fitted({.attempted = "tuning both sides of a proof",
                          .expected = fmt::format("{} fits of every system in time", options.tries),
                          .found = "fewer; nothing was opened",
                          .remedy = "Give more --time, or fewer tries: --tuning 1."});
  }

  // 3. The opening is written before a row is read; then pair after pair.
  const Opening opening = folder.study.record("proof", "astrolabe prove");
  result.look = opening.number();
  const Table& sealed = question.sealing.proof->open(opening);
  const Labels labels = labels_of(sealed, task, run.options.data.string());
  fits.judge_on(sealed, run.key.split("fresh seeds").split(result.look));
  prove_on_sealed_rows(options, findings, sides, fits, Judge(task, labels, run.key.split("proof rows")),
                       result);

  // 4. What stays.
  result.seconds = run.budget.seconds_used();
  write_results(options, result);
  progress.finish();
  return result;
}

}  // namespace astrolabe
