package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"sohoa/bench/internal/running"
	"sohoa/storage/blob/s3"
	"sohoa/storage/sqldb"
)

// Addresses of the drill: a wire of its own between two network namespaces, which
// nothing else uses.
const (
	inner = "10.251.7.1" // engines, web, sweeper and one worker
	outer = "10.251.7.2" // the other worker, at the other end
	space = "sohoa-drill"
	wire0 = "sohoadrill0"
	wire1 = "sohoadrill1"

	bucket         = "sohoa"
	access, secret = "drill", "drill-drill-drill"
)

// A house is all parts of a house under drill, on directories of its own.
type house struct {
	dir, program        string
	postgres, redis, s3 *part
	web, sweeper        *part
	worker, near        *part             // at the far end of the wire, and at the engines
	disks               map[string]string // small disks, by what is on them
	database            string
	endpoint            string
	base                string
}

// command is how a process of Sohoa is started, with one role.
func command(program, role, data, addr string) []string {
	return []string{program, "serve", "--role", role, "--data", data, "--addr", addr}
}

// shared is the directory of the keys that all processes of the house have in common.
func (h *house) shared() string { return filepath.Join(h.dir, "shared") }

// open makes the directories, disks and the wire, and says what every part is.
func open(dir, program, s3server string) (*house, error) {
	h := &house{dir: dir, program: program, disks: map[string]string{}}
	for name, size := range map[string]string{"web": "384m", "postgres": "512m", "objects": "384m"} {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(at, 0o711); err != nil {
			return nil, err
		}
		if err := run("mount", "-t", "tmpfs", "-o", "mode=711,size="+size, "sohoa-drill", at); err != nil {
			return h, err
		}
		h.disks[name] = at
	}
	_ = run("ip", "netns", "del", space) // of a run that was killed
	if err := errors.Join(run("ip", "netns", "add", space), run("ip", "link", "add", wire0, "type", "veth", "peer", "name", wire1, "netns", space),
		run("ip", "addr", "add", inner+"/30", "dev", wire0), run("ip", "link", "set", wire0, "up"),
		run("ip", "-n", space, "addr", "add", outer+"/30", "dev", wire1), run("ip", "-n", space, "link", "set", wire1, "up"), run("ip", "-n", space, "link", "set", "lo", "up")); err != nil {
		return h, err
	}
	ports, err := free(7)
	if err != nil {
		return h, err
	}
	if err := h.engines(ports, s3server); err != nil {
		return h, err
	}
	return h, h.roles(ports)
}

// engines are PostgreSQL, Redis and an S3 server, as they are installed here.
func (h *house) engines(ports []string, s3server string) error {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return errors.New("no PostgreSQL here: scripts/test-postgres installs it")
	}
	bin := found[len(found)-1]
	who, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	as := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	data := filepath.Join(h.disks["postgres"], "data")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Chown(data, uid, gid)); err != nil {
		return err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums")
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if said, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, said)
	}
	hba, err := os.OpenFile(filepath.Join(data, "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(hba, "host all all 10.251.7.0/30 trust\n")
	if err := errors.Join(err, hba.Close()); err != nil {
		return err
	}
	log := func(name string) string { return filepath.Join(h.dir, name+".log") }
	h.database = "postgres://postgres@" + net.JoinHostPort(inner, ports[0]) + "/postgres?sslmode=disable"
	h.postgres = &part{name: "postgres", log: log("postgres"), as: as, ready: h.askPostgres,
		argv: []string{filepath.Join(bin, "postgres"), "-D", data, "-h", inner, "-p", ports[0], "-k", data, "-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB", "-c", "max_connections=200"}}
	if err := os.WriteFile(h.postgres.log, nil, 0o666); err != nil {
		return err
	}
	h.redis = &part{name: "redis", log: log("redis"), ready: dials(net.JoinHostPort(inner, ports[1])),
		argv: []string{"redis-server", "--bind", inner, "--port", ports[1], "--protected-mode", "no", "--save", "", "--appendonly", "no", "--dir", h.dir}}
	objects := filepath.Join(h.disks["objects"], "s3")
	if err := os.MkdirAll(filepath.Join(objects, "root", bucket), 0o700); err != nil {
		return err
	}
	h.endpoint = "http://" + net.JoinHostPort(inner, ports[2])
	h.s3 = &part{name: "s3", log: log("s3"), stdin: true, argv: []string{s3server}, ready: dials(net.JoinHostPort(inner, ports[2])),
		env: []string{"SERVERTEST_ACCESS=" + access, "SERVERTEST_SECRET=" + secret, "SERVERTEST_DIR=" + objects, "SERVERTEST_ADDR=" + net.JoinHostPort(inner, ports[2])}}
	return os.WriteFile(filepath.Join(h.dir, "s3.key"), []byte(access+":"+secret), 0o600)
}

// roles are the processes of Sohoa: web, sweeper and a worker at the engines, a
// worker at the other end of the wire. What a house has once (the development
// authority, the ledger's key) they share, as an operator would have them.
func (h *house) roles(ports []string) error {
	redis := h.redis.argv[slices.Index(h.redis.argv, "--port")+1]
	env := []string{"SOHOA_DATABASE_URL=" + h.database, "SOHOA_REDIS_URL=redis://" + net.JoinHostPort(inner, redis) + "/0",
		"SOHOA_S3_ENDPOINT=" + h.endpoint, "SOHOA_S3_BUCKET=" + bucket, "SOHOA_S3_KEY_FILE=" + filepath.Join(h.dir, "s3.key"),
		"SOHOA_SHARED=" + h.shared(), "SOHOA_DRAIN=1", "SOHOA_GRACE=10"}
	at := func(name, role, host, port string, before ...string) *part {
		data, addr := filepath.Join(h.dir, name), net.JoinHostPort(host, port)
		if disk := h.disks[name]; disk != "" {
			data = filepath.Join(disk, "data")
		}
		return &part{name: name, env: env, log: filepath.Join(h.dir, name+".log"), ready: lives(addr), argv: append(before, command(h.program, role, data, addr)...)}
	}
	h.web = at("web", "web", "127.0.0.1", ports[3])
	h.base = "http://" + net.JoinHostPort("127.0.0.1", ports[3])
	h.sweeper = at("sweeper", "sweeper", "127.0.0.1", ports[4])
	h.near = at("worker-near", "worker", "127.0.0.1", ports[5])
	h.worker = at("worker", "worker", outer, ports[6], "ip", "netns", "exec", space)
	return os.Mkdir(h.shared(), 0o700)
}

// processes are those of Sohoa, the web first.
func (h *house) processes() []*part { return []*part{h.web, h.sweeper, h.near, h.worker} }

// engineParts are those that they need, in the order of their start.
func (h *house) engineParts() []*part { return []*part{h.postgres, h.redis, h.s3} }

// begin starts everything in its order.
func (h *house) begin(ctx context.Context) error {
	for _, p := range slices.Concat(h.engineParts(), h.processes()) {
		own, cancel := context.WithTimeout(ctx, time.Minute)
		err := p.start(own)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// close ends everything and takes wire and disks away.
func (h *house) close() {
	for _, p := range slices.Concat(h.processes(), []*part{h.redis, h.s3, h.postgres}) {
		if p != nil {
			p.kill(true)
		}
	}
	time.Sleep(time.Second) // PostgreSQL's own end when their parent is gone
	_ = run("ip", "link", "del", wire0)
	_ = run("ip", "netns", "del", space)
	for _, at := range h.disks {
		_ = run("umount", "-l", at)
	}
}

// rows opens the database as an outsider.
func (h *house) rows(ctx context.Context) (*sqldb.DB, error) {
	return sqldb.OpenPostgres(ctx, h.database, sqldb.Options{Now: time.Now})
}

// files opens the bucket as an outsider.
func (h *house) files(ctx context.Context) (*s3.Store, error) {
	return s3.Open(ctx, s3.Options{Endpoint: h.endpoint, Bucket: bucket, AccessKey: access, SecretKey: secret, Temp: h.dir, Now: time.Now})
}

func (h *house) askPostgres(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := sqldb.InspectPostgres(ctx, h.database, time.Now)
	return err
}

func dials(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
		if err == nil {
			c.Close()
		}
		return err
	}
}

func lives(addr string) func(context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second}
	return func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/healthz", nil)
		if err != nil {
			return err
		}
		res, err := client.Do(r)
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("answers %d", res.StatusCode)
		}
		return nil
	}
}

// free returns ports that nobody uses on this machine.
func free(n int) (ports []string, err error) {
	for range n {
		addr, err := running.FreeAddress()
		if err != nil {
			return nil, err
		}
		_, port, _ := net.SplitHostPort(addr)
		ports = append(ports, port)
	}
	return ports, nil
}

func run(argv ...string) error {
	if said, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", argv, err, said)
	}
	return nil
}
