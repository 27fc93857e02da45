"""What tests share: short ways to graphs, trainers, terminals and logins."""
