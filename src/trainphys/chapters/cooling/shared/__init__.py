"""What two chapters on cooling need: units, and paired training under several schedules."""
