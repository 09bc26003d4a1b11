// Package demo is the demonstration: a made-up province, its agencies and
// procedures, a few dozen dossiers, and the people who click their way through
// them. Everything it makes is marked and can be removed.
package demo

import (
	"context"

	"sohoa/dossier"
)

// Catalogue is where the demonstration puts its agencies, kinds and procedures.
type Catalogue interface {
	PutAgency(ctx context.Context, a dossier.Agency) error
	PutKind(ctx context.Context, k dossier.Kind) error
	PutProcedure(ctx context.Context, p dossier.Procedure) error
}

// Root is the made-up province.
const Root dossier.AgencyCode = "H99"

var agencies = []dossier.Agency{
	{Code: Root, Name: "Ủy ban nhân dân tỉnh Hòa Lâm", Tier: dossier.Province},
	{Code: "H99.01", Parent: Root, Name: "Trung tâm Phục vụ hành chính công tỉnh Hòa Lâm", Tier: dossier.Province},
	{Code: "H99.11", Parent: Root, Name: "Ủy ban nhân dân xã Vĩnh Nghĩa", Tier: dossier.Commune},
	{Code: "H99.12", Parent: Root, Name: "Ủy ban nhân dân xã Tân Phúc", Tier: dossier.Commune},
	{Code: "H99.13", Parent: Root, Name: "Ủy ban nhân dân phường Đông Sơn", Tier: dossier.Commune},
}

var kinds = []dossier.Kind{
	{Code: "DDN", Name: "Đơn đề nghị"},
	{Code: "GKS", Name: "Giấy khai sinh"},
	{Code: "GCN", Name: "Giấy chứng nhận"},
	{Code: "GP", Name: "Giấy phép"},
	{Code: "HD", Name: "Hợp đồng"},
	{Code: "BB", Name: "Biên bản"},
	{Code: "QD", Name: "Quyết định"},
	{Code: "XN", Name: "Giấy xác nhận"},
	{Code: "CMT", Name: "Giấy tờ xuất trình"},
}

func asked(slot dossier.SlotCode, kind dossier.KindCode, name string) dossier.Component {
	return dossier.Component{Slot: slot, Kind: kind, Name: name, Required: true, Digitise: true}
}

// The procedures have codes of a series that the national catalogue does not
// use: they are like real ones, and none of them is real.
var procedures = []dossier.Procedure{
	{Code: "9.000101", Name: "Cấp bản sao trích lục hộ tịch", Field: "Hộ tịch", Level: dossier.Full, ResultKind: "GKS", Days: 1,
		Components: []dossier.Component{asked("TP01", "DDN", "Đơn đề nghị cấp bản sao trích lục")}},
	{Code: "9.000102", Name: "Cấp giấy phép xây dựng nhà ở riêng lẻ", Field: "Xây dựng", Level: dossier.Partial, ResultKind: "GP", Days: 15,
		Components: []dossier.Component{
			asked("TP01", "DDN", "Đơn đề nghị cấp giấy phép xây dựng"),
			asked("TP02", "GCN", "Giấy chứng nhận quyền sử dụng đất")}},
	{Code: "9.000103", Name: "Đăng ký thành lập hộ kinh doanh", Field: "Đăng ký kinh doanh", Level: dossier.Full, ResultKind: "GCN", Days: 3,
		Components: []dossier.Component{
			asked("TP01", "DDN", "Giấy đề nghị đăng ký hộ kinh doanh"),
			{Slot: "TP02", Kind: "HD", Name: "Hợp đồng thuê địa điểm (nếu có)", Digitise: true}}},
	{Code: "9.000104", Name: "Xác nhận thông tin về cư trú", Field: "Cư trú", Level: dossier.Full, ResultKind: "XN", Days: 3,
		Components: []dossier.Component{
			asked("TP01", "DDN", "Đơn đề nghị xác nhận"),
			asked("TP02", "GKS", "Giấy khai sinh")}},
	{Code: "9.000105", Name: "Trợ cấp xã hội hằng tháng", Field: "Bảo trợ xã hội", Level: dossier.Partial, ResultKind: "QD", Days: 22,
		Components: []dossier.Component{
			asked("TP01", "DDN", "Tờ khai đề nghị trợ giúp xã hội"),
			asked("TP02", "BB", "Biên bản họp xét duyệt")}},
	{Code: "9.000106", Name: "Cung cấp thông tin quy hoạch", Field: "Quy hoạch", Level: dossier.Info, Days: 5,
		Components: []dossier.Component{{Slot: "TP01", Kind: "CMT", Name: "Thẻ căn cước (chỉ xuất trình)", Required: true}}},
}

// Seed fills the catalogue. It may be run twice.
func Seed(ctx context.Context, c Catalogue) error {
	for _, a := range agencies {
		a.Demo = true
		if err := c.PutAgency(ctx, a); err != nil {
			return err
		}
	}
	for _, k := range kinds {
		k.Demo = true
		if err := c.PutKind(ctx, k); err != nil {
			return err
		}
	}
	for _, p := range procedures {
		p.Demo = true
		if err := c.PutProcedure(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
