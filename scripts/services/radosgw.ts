// One-node Ceph with an S3 gateway, in memory: a production S3 engine for tests. Up in 2 to 3 s.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { findProgram } from "../programs.ts";
import { credentials, type Server } from "./server.ts";
import { freePort, type ServerProcesses } from "./server-processes.ts";
import { triedCeph } from "./versions.ts";

const programs = ["ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];

interface Cluster {
  readonly folder: string;
  readonly id: string;
  readonly gateway: string;
  readonly monitor: string;
}

/** cephx has to stay on: radosgw is refused with it off. */
const configurationOf = ({ folder, id, gateway, monitor }: Cluster): string => `[global]
fsid = ${id}
run_dir = ${folder}
admin_socket =
log_file = ${folder}/$name.log
pid_file =
keyring = ${folder}/keyring
mon_host = ${monitor}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4G
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_warn = 1
mon_data_avail_crit = 1
# Each new map waits up to a second by default, and a start has a dozen: 12 s in all instead of 2 s.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# A client that is ahead of the map asks again after 5 s by default.
objecter_tick_interval = 0.2
[mon.a]
mon_data = ${folder}/mon
[osd.0]
osd_data = ${folder}/osd
[client.rgw]
# Head and body of an answer are two packets: the second one waits 40 ms by default for the client's ACK of the first.
rgw_frontends = beast endpoint=${gateway} tcp_nodelay=1
# What is replaced or deleted takes its memory for two hours by default.
rgw_gc_obj_min_wait = 1
rgw_gc_processor_period = 2
rgw_gc_processor_max_time = 2
`;

function checkVersion(): void {
  const version = /version ([\d.]+)/.exec(execFileSync("radosgw", ["--version"], { encoding: "utf8" }))?.[1];
  if (version?.startsWith(`${triedCeph}.`)) return;
  console.error(`radosgw is of Ceph ${version}; what is tried is ${triedCeph}`);
}

async function startMonitor({ folder, id, monitor }: Cluster, processes: ServerProcesses): Promise<void> {
  const environment = { CEPH_CONF: `${folder}/ceph.conf` };
  const keyring = `${folder}/keyring`;
  const everything = ["mon", "osd", "mgr"].flatMap((kind) => ["--cap", kind, "allow *"]);
  await processes.run(
    "ceph-authtool",
    ["--create-keyring", keyring, "--gen-key", "-n", "mon.", ...everything],
    {},
  );
  for (const name of ["client.admin", "osd.0", "client.rgw"]) {
    await processes.run("ceph-authtool", [keyring, "--gen-key", "-n", name, ...everything], {});
  }
  const map = `${folder}/monmap`;
  await processes.run("monmaptool", ["--create", "--fsid", id, "--addv", "a", `[${monitor}]`, map], {});
  await processes.run("ceph-mon", ["--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring], environment);
  processes.start("ceph-mon", ["-f", "-i", "a"], environment);
}

async function startStore({ folder }: Cluster, processes: ServerProcesses): Promise<void> {
  const environment = { CEPH_CONF: `${folder}/ceph.conf` };
  // The store has to say the same UUID that it is registered with.
  const id = randomUUID();
  await processes.run("ceph", ["osd", "new", id], environment);
  await processes.run("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", id], environment);
  processes.start("ceph-osd", ["-f", "-i", "0"], environment);
}

async function startGateway({ folder, gateway }: Cluster, processes: ServerProcesses): Promise<void> {
  const environment = { CEPH_CONF: `${folder}/ceph.conf` };
  processes.start("radosgw", ["-f", "-n", "client.rgw"], environment);
  await processes.untilAnswering(`http://${gateway}`);
  const keys = ["--access-key", credentials.accessKeyId, "--secret-key", credentials.secretAccessKey];
  const user = ["user", "create", "--uid", "test", "--display-name", "test", ...keys];
  await processes.run("radosgw-admin", user, environment);
}

export const radosgw: Server = {
  name: "radosgw",
  isInstalled: () => programs.every((program) => findProgram(program) !== undefined),
  start: async (processes) => {
    checkVersion();
    const [gatewayPort, monitorPort] = [await freePort(), await freePort()];
    const cluster = {
      folder: processes.folder,
      id: randomUUID(),
      gateway: `127.0.0.1:${gatewayPort}`,
      monitor: `v2:127.0.0.1:${monitorPort}`,
    };
    for (const name of ["mon", "osd"]) mkdirSync(`${cluster.folder}/${name}`);
    writeFileSync(`${cluster.folder}/ceph.conf`, configurationOf(cluster));
    await startMonitor(cluster, processes);
    await startStore(cluster, processes);
    await startGateway(cluster, processes);
    return { endpoint: `http://${cluster.gateway}`, ...credentials };
  },
};
