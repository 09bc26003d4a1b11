package wire

import (
	"context"
	"fmt"
	"io"
	"os"

	"sohoa/dossier/figures"
	"sohoa/report/provinces"
	"sohoa/web"
)

// provinces reads what provinces published and ranks it. The files are the
// operator's; they are read each time, so that a new line is there at once.
func (s Settings) provinces(_ context.Context, merged bool) (web.Provinces, error) {
	if s.Provinces == "" {
		return web.Provinces{}, nil
	}
	all, err := readWith(s.Provinces, provinces.Read)
	if err != nil {
		return web.Provinces{}, fmt.Errorf("SOHOA_PROVINCES: %w", err)
	}
	out := web.Provinces{Merger: s.ProvincesMap != ""}
	var m figures.Map
	if merged && out.Merger {
		if m, err = readWith(s.ProvincesMap, figures.ReadMap); err != nil {
			return web.Provinces{}, fmt.Errorf("SOHOA_PROVINCES_MAP: %w", err)
		}
	}
	places, missing := provinces.Ranking(all, m)
	for _, p := range places {
		out.Places = append(out.Places, web.ProvincePlace{Period: p.Period, Place: p.Place, Of: p.Of, Moved: p.Moved, Code: p.Value.Province, Name: p.Value.Name,
			Rate: p.Value.Rate, Percent: p.Value.Percent, Source: p.Value.Source})
	}
	out.Missing = missing
	return out, nil
}

func readWith[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(f)
}
