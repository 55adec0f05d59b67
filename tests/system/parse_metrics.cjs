// Reads metrics from stdin with a parser of somebody else, and prints them as JSON: an object of
// names, each with its type and help, and its samples as "{label=value,…}" and value.
const parse = require("parse-prometheus-text-format");
const families = parse(require("fs").readFileSync(0, "utf8"));
const told = {};
for (const { name, type, help, metrics } of families) {
  const samples = {};
  for (const metric of metrics) {
    const labels = Object.entries(metric.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    const at = labels.join(",");
    if (metric.buckets) {
      for (const [bound, count] of Object.entries(metric.buckets)) samples[`le=${bound}`] = count;
      samples.count = metric.count;
      samples.sum = metric.sum;
    } else {
      samples[at] = metric.value;
    }
  }
  told[name] = { type, help, samples };
}
console.log(JSON.stringify(told));
