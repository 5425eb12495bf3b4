-- The ten meters with most settled readings.
select k.value as meter, count(*) as readings, min(e.time) as first_settled, max(e.time) as last_settled
from events e
join event_keys k on k.event = e.event
where e.contract = 'EnergyExchange' and e.name = 'ReadingSettled' and k.kind = 'party'
group by k.value
order by readings desc, meter
limit 10
