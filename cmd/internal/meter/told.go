package meter

import (
	"fmt"
	"io"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Told reads from the page of a worker's figures ([Meter.Page]) what its readers took of the
// processor so far, in seconds by part, and how many pages they read.
func Told(page io.Reader) (reading map[string]float64, pages int64, err error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	figures, err := parser.TextToMetricFamilies(page)
	if err != nil {
		return nil, 0, fmt.Errorf("figures of a worker: %w", err)
	}
	reading = map[string]float64{}
	for _, m := range figures["sohoa_reading_cpu_seconds_total"].GetMetric() {
		reading[labelOf(m, "part")] = m.GetCounter().GetValue()
	}
	for _, m := range figures["sohoa_page_seconds"].GetMetric() {
		if labelOf(m, "outcome") == Done {
			pages = int64(m.GetHistogram().GetSampleCount())
		}
	}
	return reading, pages, nil
}

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}
