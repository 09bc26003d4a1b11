package csctest

import (
	"encoding/asn1"
	"math/big"
)

// sideBySide writes a P-256 signature as IEEE 1363 does.
func sideBySide(der []byte) []byte {
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		return nil
	}
	out := make([]byte, 64)
	v.R.FillBytes(out[:32])
	v.S.FillBytes(out[32:])
	return out
}
