package meter

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"sohoa/dossier"
	"sohoa/dossier/fixity"
	"sohoa/jail"
)

// gauges are what [Meter.Watch] may be told of, by name.
var gauges = map[string]*prometheus.Desc{}

// counting are those of them that only grow.
var counting = map[string]bool{"pool_waits_total": true, "pool_wait_seconds_total": true, "ledger_events": true}

func gauge(name, help string, labels ...string) {
	gauges[name] = prometheus.NewDesc("sohoa_"+name, help, labels, nil)
}

func init() {
	gauge("owed", "Documents that the machine owes an act, by how they stand: due, leased, resting until their next try.", "act", "stands")
	gauge("troubled", "Of those, the ones whose row says what is the matter.", "act")
	gauge("owed_oldest_seconds", "For how long the one has stood that has stood longest.", "act")
	gauge("queue", "Hints in the queue: waiting, active, elsewhere.", "stands")
	gauge("queue_paused", "Queues that somebody has stopped.")
	gauge("ledger_events", "Events of the ledger that have their places.")
	gauge("ledger_pending", "Events that wait for their places.")
	gauge("figures_pending", "Changes of figures that are not in the cells yet.")
	gauge("figures_owed", "Procedures whose dossiers are to be counted anew.")
	gauge("index_owed", "Papers that the index of the search is owed.")
	gauge("holdings", "Files that are not as they should be, or not there yet.", "store", "state")
	gauge("pool_connections", "Connections to the database.", "pool", "stands")
	gauge("pool_most", "Connections to the database that may be open at once.", "pool")
	gauge("pool_waits_total", "How often somebody waited for a connection.", "pool")
	gauge("pool_wait_seconds_total", "For how long in all.", "pool")
	gauge("disk_free_bytes", "Free bytes of the disk of the data directory.")
	gauge("disk_bytes", "Bytes of that disk.")
}

// Names returns the names of all figures that are ours, as they are scraped, for
// whoever holds dashboards and alerts against them. Those of the Go runtime and
// of the process (go_…, process_…) are the library's.
func Names() []string {
	names := []string{"sohoa_asked", "sohoa_build_info", "sohoa_children_started_total", "sohoa_children_ended_total", "sohoa_children_cpu_seconds_total", "sohoa_reading_cpu_seconds_total",
		"sohoa_moves_total", "sohoa_crashes_total", "sohoa_http_requests_total", "sohoa_store_operations_total", "sohoa_store_bytes_total", "sohoa_trace_spans_total"}
	for _, h := range []string{"sohoa_stage_seconds", "sohoa_page_seconds", "sohoa_http_request_seconds", "sohoa_store_seconds"} {
		names = append(names, h+"_bucket", h+"_sum", h+"_count")
	}
	for name := range maps.Keys(gauges) {
		names = append(names, "sohoa_"+name)
	}
	slices.Sort(names)
	return names
}

// Allowed lists every value that a label of ours may have. Routes are those of the
// pages, children those of the program, parts those of reading; the caller knows them.
func Allowed(routes, children, parts []string) map[string][]string {
	acts, roles, stores, states, endings := []string{}, []string{string(dossier.Machine)}, []string{}, []string{}, []string{}
	for _, m := range dossier.Moves() {
		acts = append(acts, string(m.Act))
	}
	for _, r := range dossier.Roles {
		roles = append(roles, string(r))
	}
	for _, s := range fixity.States {
		states = append(states, string(s))
	}
	for _, e := range jail.Endings {
		endings = append(endings, string(e))
	}
	stores = append(stores, string(fixity.Main), string(fixity.Second))
	return map[string][]string{
		"act": append(acts, string(dossier.Receive)), "by": roles, "store": stores, "state": states, "ending": endings,
		"outcome":   {Done, Refused, Postponed, Given, Echo, Failed, "ok", "missing", "corrupt", "denied", "unavailable", "error", "sent", "lost"},
		"operation": {"put", "get", "raw", "stat", "remove", "walk"},
		"stands":    {"due", "leased", "resting", "waiting", "active", "elsewhere", "in-use", "idle"},
		"pool":      {"write", "read"},
		"route":     append(slices.Clone(routes), "none"),
		"part":      parts,
		"child":     append(slices.Clone(children), "exec"),
	}
}
