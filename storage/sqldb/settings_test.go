package sqldb

import (
	"strings"
	"testing"
)

// A setting is what was set last, and the log says each time who did it.
func TestSettings(t *testing.T) {
	h := newHouse(t)
	if v, err := h.Setting(h.ctx, "publication"); v != "" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	for _, v := range []string{"page", "full"} {
		h.must(h.PutSetting(h.ctx, "publication", v, "chief"))
	}
	if v, err := h.Setting(h.ctx, "publication"); v != "full" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	if err := h.PutSetting(h.ctx, "publication", "off", ""); err == nil {
		t.Error("set by nobody")
	}
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	events, err := all(h.ctx, h.read, single[string], "SELECT event FROM log_events WHERE event LIKE '%put-setting%' ORDER BY place")
	if err != nil || len(events) != 2 || !strings.Contains(events[1], `"subject":"publication=full"`) || !strings.Contains(events[1], `"who":"chief"`) {
		t.Errorf("%v, %v", events, err)
	}
}
