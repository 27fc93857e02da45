"""The functions of BLAS that machine code calls: NumPy's own, so that a product has the same bits."""

from __future__ import annotations


def declarations(whole: str) -> list[str]:
    """Return the functions' types, with such whole numbers."""
    effects = "nounwind willreturn memory(argmem: readwrite)"
    return [
        f"declare void @blas_dgemm(i32, i32, i32, {whole}, {whole}, {whole}, double, ptr, {whole}, ptr, "
        f"{whole}, double, ptr, {whole}) {effects}",
        f"declare void @blas_dgemv(i32, i32, {whole}, {whole}, double, ptr, {whole}, ptr, {whole}, double, "
        f"ptr, {whole}) {effects}",
        f"declare double @blas_ddot({whole}, ptr, {whole}, ptr, {whole}) {effects}",
    ]
