"""Tags 标签 and segments 分群: who bears what, who fits which condition."""
