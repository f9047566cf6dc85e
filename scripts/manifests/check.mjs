// Checks rendered manifests: node check.mjs FAILED FILE..., where FAILED have failed already. scripts/manifests-check.sh calls it.
//
// Fields and values: each document becomes a TypeScript literal of its kind's type, which the compiler holds to it. It
// refuses a field that is not there, a wrong type, a value that is none of an enumeration and a missing field; the
// validate() of the same packages lets some of these through. What types cannot see is in references().
import fs from 'fs';
import path from 'path';
import * as yaml from 'js-yaml';
import ts from 'typescript';

const PACKAGES = {'keda.sh': '@kubernetes-models/keda', 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator'};

/** Of KEDA's scaler aws-sqs-queue, whose metadata its type leaves open. */
const SQS_KEYS = ['queueURL', 'queueURLFromEnv', 'queueLength', 'activationQueueLength', 'scaleOnInFlight', 'scaleOnDelayed',
  'awsRegion', 'awsEndpoint', 'identityOwner'];

const read = file => yaml.loadAll(fs.readFileSync(file, 'utf8')).filter(Boolean);

/** What the compiler says of each list of documents, by its name. */
function typed(lists) {
  const folder = path.resolve('types');
  fs.rmSync(folder, {recursive: true, force: true});
  fs.mkdirSync(folder);
  const names = new Map();
  for (const [name, documents] of lists) {
    const file = path.join(folder, `${names.size}.ts`);
    fs.writeFileSync(file, documents.map((one, i) => {
      const from = PACKAGES[one.apiVersion.split('/')[0]] ?? 'kubernetes-models';
      return `import type {I${one.kind} as T${i}} from "${from}/${one.apiVersion}/${one.kind}";\n`
        + `export const v${i}: T${i} = ${JSON.stringify(one)};\n`;
    }).join(''));
    names.set(file, name);
  }
  const program = ts.createProgram([...names.keys()], {noEmit: true, strict: true, skipLibCheck: true, types: [],
    module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ES2022});
  const said = new Map([...lists.keys()].map(name => [name, []]));
  for (const one of ts.getPreEmitDiagnostics(program)) {
    said.get(names.get(one.file?.fileName))?.push(innermost(one.messageText));
  }
  return said;
}

/** The last of the compiler's nested sentences names the field. */
function innermost(message) {
  while (message.next?.length) message = message.next[0];
  return (message.messageText ?? message).slice(0, 240);
}

const matches = (selector, labels) => Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);

/** What leads nowhere, one line each. */
function references(documents) {
  const wrong = [];
  const of = kind => documents.filter(one => one.kind === kind);
  const named = (kind, name, who) => of(kind).some(one => one.metadata.name === name)
    || wrong.push(`${who}: there is no ${kind} '${name}'`);
  const ids = documents.map(one => `${one.kind} ${one.metadata.name}`);
  ids.filter((id, i) => ids.indexOf(id) < i).forEach(id => wrong.push(`${id}: is there twice`));
  if (new Set(documents.map(one => one.metadata.namespace)).size > 1) wrong.push('not all are in one namespace');

  const pods = of('Deployment').map(one => one.spec.template);
  const select = (who, selector) => pods.some(pod => matches(selector, pod.metadata.labels))
    || wrong.push(`${who}: its selector ${JSON.stringify(selector)} matches no pod`);
  const ports = pods.flatMap(pod => pod.spec.containers.flatMap(one => one.ports ?? []));
  const port = (who, wanted) => ports.some(one => one.name === wanted || one.containerPort === wanted)
    || wrong.push(`${who}: no container has the port ${wanted}`);

  for (const one of of('Deployment')) pod(one, wrong, named, select, port);
  for (const one of of('Service')) {
    select('Service', one.spec.selector);
    (one.spec.ports ?? []).forEach(each => port('Service', each.targetPort ?? each.port));
  }
  for (const one of of('PodDisruptionBudget')) select(one.kind, one.spec.selector.matchLabels);
  for (const one of of('NetworkPolicy')) {
    select(one.kind, one.spec.podSelector.matchLabels);
    (one.spec.ingress ?? []).forEach(rule => (rule.ports ?? []).forEach(each => port(one.kind, each.port)));
  }
  for (const one of of('PodMonitor')) {
    select(one.kind, one.spec.selector.matchLabels);
    one.spec.podMetricsEndpoints.forEach(each => port(one.kind, each.port));
  }
  for (const one of of('ScaledObject')) {
    named(one.spec.scaleTargetRef.kind ?? 'Deployment', one.spec.scaleTargetRef.name, one.kind);
    for (const trigger of one.spec.triggers) {
      if (trigger.authenticationRef) named('TriggerAuthentication', trigger.authenticationRef.name, one.kind);
      Object.keys(trigger.metadata).filter(key => trigger.type === 'aws-sqs-queue' && !SQS_KEYS.includes(key))
        .forEach(key => wrong.push(`${one.kind}: ${trigger.type} has no metadata '${key}'`));
    }
    if (of('Deployment').some(each => each.spec.replicas !== undefined)) wrong.push(`${one.kind}: a Deployment names replicas as well`);
  }
  return wrong;
}

function pod(deployment, wrong, named, select, port) {
  const who = `Deployment ${deployment.metadata.name}`, {spec} = deployment.spec.template;
  if (!matches(deployment.spec.selector.matchLabels, deployment.spec.template.metadata.labels)) wrong.push(`${who}: does not select its own pods`);
  if (spec.serviceAccountName) named('ServiceAccount', spec.serviceAccountName, who);
  (spec.topologySpreadConstraints ?? []).forEach(one => select(who, one.labelSelector.matchLabels));
  const volumes = spec.volumes ?? [];
  volumes.filter(one => one.configMap).forEach(one => named('ConfigMap', one.configMap.name, who));
  for (const one of spec.containers) {
    ['startupProbe', 'livenessProbe', 'readinessProbe'].filter(name => one[name]?.httpGet).forEach(name => port(`${who}: ${name}`, one[name].httpGet.port));
    (one.volumeMounts ?? []).filter(mount => !volumes.some(volume => volume.name === mount.name))
      .forEach(mount => wrong.push(`${who}: there is no volume '${mount.name}'`));
    const set = [];
    for (const variable of one.env ?? []) {
      for (const [, name] of (variable.value ?? '').matchAll(/\$\((\w+)\)/g)) {
        if (!set.includes(name)) wrong.push(`${who}: $(${name}) is not set before it is used`);
      }
      set.push(variable.name);
    }
    for (const resource of Object.keys(one.resources?.limits ?? {}).filter(name => name.includes('/'))) {
      if (!spec.tolerations?.some(each => each.key === resource)) wrong.push(`${who}: does not tolerate the taint ${resource} of the machines it needs`);
    }
  }
}

/** What each must be found by: a change of the documents, and words of the line that names it. */
const PLANTED = [
  ['a field that is not there', d => rename(container(d).securityContext, 'readOnlyRootFilesystem', 'readOnlyRootFileSystem'), /readOnlyRootFileSystem/],
  ['a wrong type', d => { container(d).ports[0].containerPort = '9400'; }, /'string' is not assignable to type 'number'/],
  ['a value of no enumeration', d => { container(d).terminationMessagePolicy = 'FallbackToLogOnError'; }, /FallbackToLogOnError/],
  ['a field that is missing', d => { delete container(d).name; }, /"name"' is missing/],
  ['a version that does not exist any more', d => { one(d, 'PodDisruptionBudget').apiVersion = 'policy/v1alpha1'; }, /policy\/v1alpha1/],
  ["a misspelt field of KEDA's", d => rename(one(d, 'ScaledObject').spec, 'minReplicaCount', 'minReplicasCount'), /minReplicasCount/],
  ["a misspelt field of the operator's", d => rename(one(d, 'PodMonitor').spec, 'podMetricsEndpoints', 'podMetricsEndpoint'), /podMetricsEndpoint/],
  ["misspelt metadata of KEDA's", d => rename(one(d, 'ScaledObject').spec.triggers[0].metadata, 'queueLength', 'queueLenght'), /queueLenght/],
  ['a selector that matches nothing', d => { one(d, 'PodDisruptionBudget').spec.selector.matchLabels = {app: 'millrace'}; }, /matches no pod/],
  ['a port that no container has', d => { one(d, 'PodMonitor').spec.podMetricsEndpoints[0].port = 'metrics'; }, /no container has the port metrics/],
  ['a target that is not there', d => { one(d, 'ScaledObject').spec.scaleTargetRef.name = 'worker'; }, /there is no Deployment 'worker'/],
  ['a configuration without its hash', d => { volume(d, 'config').configMap.name = 'millrace'; }, /there is no ConfigMap 'millrace'/],
  ['a patch that replaces the list of tolerations', d => { podOf(d).tolerations = podOf(d).tolerations.filter(t => t.key === 'spot'); }, /does not tolerate/],
  ['replicas beside a scaler', d => { one(d, 'Deployment').spec.replicas = 2; }, /replicas as well/],
];
const one = (documents, kind) => documents.find(each => each.kind === kind);
const podOf = documents => one(documents, 'Deployment').spec.template.spec;
const container = documents => podOf(documents).containers[0];
const volume = (documents, name) => podOf(documents).volumes.find(each => each.name === name);
function rename(object, from, to) {
  if (!(from in object)) throw new Error(`${from} is not there to be misspelt`);
  object[to] = object[from];
  delete object[from];
}

const [failedBefore, ...files] = process.argv.slice(2);
const lists = new Map(files.map(file => [path.basename(file, '.yaml'), read(file)]));
// In what has all kinds.
const full = lists.get('fleet');
for (const [what, change] of full ? PLANTED : []) {
  const changed = structuredClone(full);
  change(changed);
  lists.set(what, changed);
}
const said = typed(lists);
for (const [name, documents] of lists) {
  try {
    said.get(name).push(...references(documents));
  } catch (e) {
    // What has the wrong form may not be followed to its end; the types say so already.
    if (said.get(name).length === 0) throw e;
  }
}
let passed = 0, failed = Number(failedBefore);
const ok = line => { console.log(`ok    ${line}`); passed++; };
const bad = line => { console.log(`FAIL  ${line}`); failed++; };
for (const file of files) {
  const name = path.basename(file, '.yaml'), lines = said.get(name);
  if (lines.length === 0) ok(`${name}: ${lists.get(name).length} documents`);
  lines.forEach(line => bad(`${name}: ${line}`));
}
for (const [what, , words] of full ? PLANTED : []) {
  const line = said.get(what).find(each => words.test(each));
  if (line) ok(`found: ${what}: ${line}`);
  else bad(`not found: ${what}${said.get(what).map(each => `; ${each}`).join('')}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
