package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sohoa/specimen"
)

// generated writes pages that no rule was tuned on, the twelve kinds as an
// office scan (seed 70) and as old paper (seed 71) at 200 dpi, and their texts,
// into dir.
func generated(dir string) error {
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	for seed, wear := range map[uint64]specimen.Wear{70: specimen.Office(70), 71: specimen.Old(71)} {
		for _, kind := range specimen.Kinds() {
			sheet := press.Paper(kind, seed, specimen.About{}).Only(0)
			f, err := sheet.File(specimen.JPEG, 200, wear, seed)
			if err != nil {
				return err
			}
			name := filepath.Join(dir, fmt.Sprintf("%s-%d", kind, seed))
			if err := os.WriteFile(name+".jpg", f.Bytes, 0o600); err != nil {
				return err
			}
			if err := os.WriteFile(name+".txt", []byte(strings.Join(f.Truth.Pages, "\n")), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
