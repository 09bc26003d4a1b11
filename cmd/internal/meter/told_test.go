package meter

import (
	"maps"
	"net/http/httptest"
	"testing"
	"time"
)

// What a page of figures says of reading is what was counted.
func TestFiguresOfAWorker(t *testing.T) {
	m := New("test")
	spent := map[string]time.Duration{"engine": 1500 * time.Millisecond, "pixels": 20 * time.Millisecond}
	m.Reads(func() map[string]time.Duration { return spent })
	for range 3 {
		m.Read(Done, time.Second)
	}
	m.Read(Refused, time.Second)
	w := httptest.NewRecorder()
	m.Page().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	reading, pages, err := Told(w.Body)
	if err != nil || pages != 3 || !maps.Equal(reading, map[string]float64{"engine": 1.5, "pixels": 0.02}) {
		t.Errorf("%v, %d pages, %v", reading, pages, err)
	}
}
